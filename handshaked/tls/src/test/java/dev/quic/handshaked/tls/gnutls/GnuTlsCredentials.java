package dev.quic.handshaked.tls.gnutls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quic.handshaked.tls.cert.Credentials;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/** Certificates and pre-shared keys of one session, in GnuTLS' memory. */
final class GnuTlsCredentials implements AutoCloseable {
  private static final int CRD_CERTIFICATE = 1;
  private static final int CRD_PSK = 4;
  private static final int FORMAT_PEM = 1;

  private final Arena arena;
  private final MemorySegment certificates;
  private final @Nullable MemorySegment clientPsk;
  private final @Nullable MemorySegment serverPsk;
  private final Map<String, byte[]> known;

  /**
   * @param arena outlives this
   */
  GnuTlsCredentials(MemorySegment session, GnuTlsSettings settings, Arena arena) {
    this.arena = arena;
    this.known = settings.knownPsks;
    certificates = allocate("gnutls_certificate_allocate_credentials");
    certificates(settings);
    GnuTls.check("gnutls_credentials_set", session, CRD_CERTIFICATE, certificates);
    GnuTlsSettings.Psk psk = settings.psk;
    clientPsk = psk == null ? null : clientPsk(psk);
    serverPsk = known.isEmpty() ? null : serverPsk();
    if (clientPsk != null) {
      GnuTls.check("gnutls_credentials_set", session, CRD_PSK, clientPsk);
    }
    if (serverPsk != null) {
      GnuTls.check("gnutls_credentials_set", session, CRD_PSK, serverPsk);
    }
  }

  private MemorySegment allocate(String function) {
    MemorySegment out = arena.allocate(ADDRESS);
    GnuTls.check(function, out);
    return out.get(ADDRESS, 0);
  }

  private void certificates(GnuTlsSettings settings) {
    X509Certificate trust = settings.trust;
    if (trust != null) {
      GnuTls.check(
          "gnutls_certificate_set_x509_trust_mem",
          certificates,
          GnuTls.datum(arena, pem(trust)),
          FORMAT_PEM);
    }
    Credentials own = settings.credentials;
    if (own != null) {
      StringBuilder chain = new StringBuilder();
      for (X509Certificate certificate : own.chain()) {
        chain.append(new String(pem(certificate), StandardCharsets.US_ASCII));
      }
      GnuTls.check(
          "gnutls_certificate_set_x509_key_mem",
          certificates,
          GnuTls.datum(arena, chain.toString().getBytes(StandardCharsets.US_ASCII)),
          GnuTls.datum(arena, pem("PRIVATE KEY", pkcs8(own))),
          FORMAT_PEM);
    }
  }

  /** The JDK leaves the public key out of an EC key's PKCS#8, and GnuTLS refuses it so. */
  private static byte[] pkcs8(Credentials own) {
    byte[] encoded = Objects.requireNonNull(own.key().getEncoded());
    if (!(own.key() instanceof ECPrivateKey)) {
      return encoded;
    }
    try {
      PrivateKeyInfo info = PrivateKeyInfo.getInstance(encoded);
      byte[] point =
          SubjectPublicKeyInfo.getInstance(own.leaf().getPublicKey().getEncoded())
              .getPublicKeyData()
              .getOctets();
      org.bouncycastle.asn1.sec.ECPrivateKey inner =
          org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(info.parsePrivateKey());
      return new PrivateKeyInfo(
              info.getPrivateKeyAlgorithm(),
              new org.bouncycastle.asn1.sec.ECPrivateKey(
                  ((point.length - 1) / 2) * Byte.SIZE,
                  inner.getKey(),
                  new DERBitString(point),
                  info.getPrivateKeyAlgorithm().getParameters()))
          .getEncoded();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private MemorySegment clientPsk(GnuTlsSettings.Psk psk) {
    MemorySegment made = allocate("gnutls_psk_allocate_client_credentials");
    GnuTls.check(
        "gnutls_psk_set_client_credentials2",
        made,
        GnuTls.datum(arena, psk.identity()),
        GnuTls.datum(arena, psk.key()),
        0);
    return made;
  }

  private MemorySegment serverPsk() {
    MemorySegment made = allocate("gnutls_psk_allocate_server_credentials");
    FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    GnuTls.run(
        "gnutls_psk_set_server_credentials_function2",
        made,
        GnuTls.upcall(MethodHandles.lookup(), this, "find", type, arena));
    return made;
  }

  /** GnuTLS frees the key, so it lies in C's heap. */
  private int find(MemorySegment session, MemorySegment username, MemorySegment key) {
    byte[] found = known.get(new String(GnuTls.bytes(username), StandardCharsets.UTF_8));
    if (found == null) {
      return -1;
    }
    MemorySegment copy = GnuTls.pointer("malloc", (long) found.length);
    MemorySegment.copy(found, 0, copy, JAVA_BYTE, 0, found.length);
    MemorySegment datum = key.reinterpret(GnuTls.DATUM.byteSize());
    datum.set(ADDRESS, 0, copy);
    datum.set(JAVA_INT, ADDRESS.byteSize(), found.length);
    return 0;
  }

  private static byte[] pem(X509Certificate certificate) {
    try {
      return pem("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] pem(String label, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return ("-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** After the session. */
  @Override
  public void close() {
    GnuTls.run("gnutls_certificate_free_credentials", certificates);
    if (clientPsk != null) {
      GnuTls.run("gnutls_psk_free_client_credentials", clientPsk);
    }
    if (serverPsk != null) {
      GnuTls.run("gnutls_psk_free_server_credentials", serverPsk);
    }
  }
}
