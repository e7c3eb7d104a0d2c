package dev.quic.handshaked.tls.cert;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Trust anchors, and what was found good under them. Immutable but for that; any thread. */
public final class TrustStore {
  /** Where Debian and its kin keep the system's anchors. */
  private static final Path SYSTEM_BUNDLE = Path.of("/etc/ssl/certs/ca-certificates.crt");

  private final Set<TrustAnchor> anchors;
  private final List<X509Certificate> certificates;
  private final KnownChains known = new KnownChains();
  private volatile byte @Nullable [] fingerprint;

  private TrustStore(Collection<X509Certificate> certificates) {
    Set<TrustAnchor> set = new LinkedHashSet<>();
    for (X509Certificate certificate : certificates) {
      set.add(new TrustAnchor(certificate, null));
    }
    this.anchors = Set.copyOf(set);
    this.certificates = List.copyOf(certificates);
  }

  public static TrustStore of(Collection<X509Certificate> certificates) {
    return new TrustStore(certificates);
  }

  /** A bundle of PEM certificates. */
  public static TrustStore ofPem(Path file) throws CredentialException {
    return new TrustStore(PemFiles.certificates(file));
  }

  /** The system's bundle where there is one, else the Java runtime's {@code cacerts}. */
  public static TrustStore system() throws CredentialException {
    if (Files.isReadable(SYSTEM_BUNDLE)) {
      return ofPem(SYSTEM_BUNDLE);
    }
    return runtime();
  }

  /** The Java runtime's {@code cacerts}. */
  public static TrustStore runtime() throws CredentialException {
    Path file = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      // No password: the integrity check is not needed for a file of the runtime itself.
      store.load(in, null);
      List<X509Certificate> found = new ArrayList<>();
      for (Enumeration<String> names = store.aliases(); names.hasMoreElements(); ) {
        if (store.getCertificate(names.nextElement()) instanceof X509Certificate certificate) {
          found.add(certificate);
        }
      }
      return new TrustStore(found);
    } catch (IOException | GeneralSecurityException e) {
      throw new CredentialException("cannot read trust store " + file + ": " + e.getMessage(), e);
    }
  }

  public List<X509Certificate> certificates() {
    return certificates;
  }

  /** The same for the same anchors in any order, and for no others. */
  public byte[] fingerprint() {
    byte[] value = fingerprint;
    if (value == null) {
      value = digest();
      fingerprint = value;
    }
    return value.clone();
  }

  private byte[] digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      List<byte[]> each = new ArrayList<>();
      for (X509Certificate certificate : Set.copyOf(certificates)) {
        each.add(sha.digest(certificate.getEncoded()));
      }
      each.sort(Arrays::compare);
      each.forEach(sha::update);
      return sha.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was read has no encoding", e);
    }
  }

  Set<TrustAnchor> anchors() {
    return anchors;
  }

  /** Those of these anchors: other anchors, read anew, know none. */
  KnownChains known() {
    return known;
  }
}
