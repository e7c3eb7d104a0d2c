package dev.quic.handshaked.daemon.credential;

import dev.quic.handshaked.tls.cert.CredentialException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code x509.crl}: looks a verified peer's chain up in revocation lists (RFC 5280 section 5). A
 * list counts when an issuer the chain leads to signed it; one that is out of date refuses its
 * issuer's certificates, as GnuTLS does.
 */
public final class RevocationCheck {
  private RevocationCheck() {}

  /**
   * @param peerDer the peer's chain, leaf first
   * @param anchors authorities that may have signed a list
   * @return why the chain is refused, one line; null when it is not
   * @throws CredentialException when the lists cannot be read
   */
  public static @Nullable String refusal(
      Path crlFile, List<byte[]> peerDer, List<X509Certificate> anchors, Clock clock)
      throws CredentialException {
    List<X509CRL> lists = read(crlFile);
    List<X509Certificate> chain = parse(peerDer);
    List<X509Certificate> issuers = new ArrayList<>(chain);
    issuers.addAll(anchors);
    for (X509Certificate certificate : chain) {
      for (X509CRL list : lists) {
        if (!list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())
            || !signedByOneOf(list, issuers)) {
          continue;
        }
        String name = certificate.getSubjectX500Principal().getName();
        if (list.isRevoked(certificate)) {
          return "certificate of " + name + " is revoked";
        }
        if (list.getNextUpdate() != null
            && Instant.now(clock).isAfter(list.getNextUpdate().toInstant())) {
          return "the revocation list for " + name + " is out of date: " + crlFile;
        }
      }
    }
    return null;
  }

  private static List<X509CRL> read(Path file) throws CredentialException {
    List<X509CRL> out = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (CRL one : factory.generateCRLs(new ByteArrayInputStream(Files.readAllBytes(file)))) {
        if (one instanceof X509CRL list) {
          out.add(list);
        }
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new CredentialException("cannot read revocation list " + file, e);
    }
    if (out.isEmpty()) {
      throw new CredentialException("no revocation list in " + file);
    }
    return out;
  }

  private static List<X509Certificate> parse(List<byte[]> der) throws CredentialException {
    List<X509Certificate> out = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] one : der) {
        out.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(one)));
      }
    } catch (CertificateException e) {
      throw new CredentialException("the peer's certificate cannot be parsed", e);
    }
    return out;
  }

  private static boolean signedByOneOf(X509CRL list, List<X509Certificate> issuers) {
    for (X509Certificate issuer : issuers) {
      if (issuer.getSubjectX500Principal().equals(list.getIssuerX500Principal())) {
        try {
          list.verify(issuer.getPublicKey());
          return true;
        } catch (GeneralSecurityException e) {
          // Another authority of the same name: the next one may be it.
          continue;
        }
      }
    }
    return false;
  }
}
