package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import java.io.IOException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateEntry;
import org.bouncycastle.tls.CertificateStatusType;
import org.bouncycastle.tls.DefaultTlsCredentialedSigner;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.jspecify.annotations.Nullable;

/** Signature schemes we offer, and signing with our own credentials. */
final class Signers {
  /**
   * In the order in which they are offered. rsa_pkcs1 is for signatures in certificates only (RFC
   * 8446 section 4.2.3); {@link #isForMessages} keeps it out of CertificateVerify.
   */
  private static final List<Integer> OFFERED =
      List.of(
          SignatureScheme.ecdsa_secp256r1_sha256,
          SignatureScheme.ed25519,
          SignatureScheme.rsa_pss_rsae_sha256,
          SignatureScheme.ecdsa_secp384r1_sha384,
          SignatureScheme.rsa_pss_rsae_sha384,
          SignatureScheme.rsa_pss_rsae_sha512,
          SignatureScheme.ecdsa_secp521r1_sha512,
          SignatureScheme.rsa_pss_pss_sha256,
          SignatureScheme.rsa_pss_pss_sha384,
          SignatureScheme.rsa_pss_pss_sha512,
          SignatureScheme.mldsa65,
          SignatureScheme.mldsa44,
          SignatureScheme.mldsa87,
          SignatureScheme.rsa_pkcs1_sha256,
          SignatureScheme.rsa_pkcs1_sha384,
          SignatureScheme.rsa_pkcs1_sha512);

  private Signers() {}

  static Vector<SignatureAndHashAlgorithm> offered() {
    Vector<SignatureAndHashAlgorithm> algorithms = new Vector<>();
    for (int scheme : OFFERED) {
      algorithms.add(SignatureScheme.getSignatureAndHashAlgorithm(scheme));
    }
    return algorithms;
  }

  /** Whether a scheme may sign a CertificateVerify. */
  static boolean isForMessages(int scheme) {
    return scheme != SignatureScheme.rsa_pkcs1_sha256
        && scheme != SignatureScheme.rsa_pkcs1_sha384
        && scheme != SignatureScheme.rsa_pkcs1_sha512;
  }

  /**
   * A signer with the first scheme that fits the key and that the peer accepts; null without one.
   *
   * @param accepted the peer's {@code signature_algorithms}
   * @param ocsp response to staple to the leaf, null for none
   */
  static @Nullable TlsCredentialedSigner signer(
      TlsContext context, Credentials credentials, Vector<?> accepted, byte @Nullable [] ocsp)
      throws IOException {
    for (int scheme : schemesOf(credentials.leaf().getPublicKey())) {
      SignatureAndHashAlgorithm algorithm = SignatureScheme.getSignatureAndHashAlgorithm(scheme);
      if (accepted.contains(algorithm)) {
        return signer(context, credentials, scheme, ocsp);
      }
    }
    return null;
  }

  private static TlsCredentialedSigner signer(
      TlsContext context, Credentials credentials, int scheme, byte @Nullable [] ocsp)
      throws IOException {
    SignatureAndHashAlgorithm algorithm = SignatureScheme.getSignatureAndHashAlgorithm(scheme);
    Certificate chain = chain(credentials, ocsp);
    byte[] pkcs8 = credentials.key().getEncoded();
    if (pkcs8 == null) {
      return new TokenSigner(credentials.key(), scheme, chain, algorithm);
    }
    AsymmetricKeyParameter key;
    try {
      key = PrivateKeyFactory.createKey(pkcs8);
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
    LibCrypto library = ((QuicCrypto) context.getCrypto()).library();
    NativeSigner signer = NativeSigner.of(library, key, scheme);
    TlsCryptoParameters of = new TlsCryptoParameters(context);
    return signer != null
        ? new DefaultTlsCredentialedSigner(of, signer, chain, algorithm)
        : new BcDefaultTlsCredentialedSigner(of, QuicCrypto.SHARED, key, chain, algorithm);
  }

  private static Certificate chain(Credentials credentials, byte @Nullable [] ocsp)
      throws IOException {
    CertificateEntry[] entries = new CertificateEntry[credentials.chain().size()];
    int i = 0;
    for (X509Certificate certificate : credentials.chain()) {
      try {
        entries[i] =
            new CertificateEntry(
                PeerCertificate.own(certificate.getEncoded()),
                i == 0 && ocsp != null ? staple(ocsp) : null);
        i++;
      } catch (CertificateEncodingException e) {
        throw new Refusal(AlertDescription.internal_error, "own certificate cannot be encoded");
      }
    }
    return new Certificate(TlsUtils.EMPTY_BYTES, entries);
  }

  /** CertificateStatus (RFC 8446 section 4.4.2.1): u8 type ocsp(1), u24 length, response. */
  private static Hashtable<Integer, byte[]> staple(byte[] response) {
    byte[] status = new byte[4 + response.length];
    status[0] = CertificateStatusType.ocsp;
    status[1] = (byte) (response.length >> 16);
    status[2] = (byte) (response.length >> 8);
    status[3] = (byte) response.length;
    System.arraycopy(response, 0, status, 4, response.length);
    Hashtable<Integer, byte[]> extensions = new Hashtable<>();
    extensions.put(ExtensionType.status_request, status);
    return extensions;
  }

  private static int[] schemesOf(PublicKey key) {
    return switch (key.getAlgorithm()) {
      case "EC" ->
          switch (((ECPublicKey) key).getParams().getCurve().getField().getFieldSize()) {
            case 256 -> new int[] {SignatureScheme.ecdsa_secp256r1_sha256};
            case 384 -> new int[] {SignatureScheme.ecdsa_secp384r1_sha384};
            case 521 -> new int[] {SignatureScheme.ecdsa_secp521r1_sha512};
            default -> new int[0];
          };
      case "RSA" ->
          new int[] {
            SignatureScheme.rsa_pss_rsae_sha256,
            SignatureScheme.rsa_pss_rsae_sha384,
            SignatureScheme.rsa_pss_rsae_sha512
          };
      case "RSASSA-PSS" ->
          new int[] {
            SignatureScheme.rsa_pss_pss_sha256,
            SignatureScheme.rsa_pss_pss_sha384,
            SignatureScheme.rsa_pss_pss_sha512
          };
      case "ML-DSA" ->
          switch (key.getParams() instanceof NamedParameterSpec spec ? spec.getName() : "") {
            case "ML-DSA-44" -> new int[] {SignatureScheme.mldsa44};
            case "ML-DSA-65" -> new int[] {SignatureScheme.mldsa65};
            case "ML-DSA-87" -> new int[] {SignatureScheme.mldsa87};
            default -> new int[0];
          };
      case "Ed25519", "EdDSA" -> new int[] {SignatureScheme.ed25519};
      default -> new int[0];
    };
  }
}
