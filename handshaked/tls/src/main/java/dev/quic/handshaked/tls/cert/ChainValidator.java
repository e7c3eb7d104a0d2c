package dev.quic.handshaked.tls.cert;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Validates a peer's chain: PKIX (RFC 5280) on the Java runtime's implementation, purpose and name
 * (RFC 9525). A chain that was found good before is known again by its bytes, see {@link
 * KnownChains}; its validity and the name are looked at every time. Immutable; any thread.
 * Revocation is not checked.
 */
public final class ChainValidator {
  /** What the leaf must be good for when it has an extendedKeyUsage. */
  public enum Purpose {
    SERVER("1.3.6.1.5.5.7.3.1", "a server"),
    CLIENT("1.3.6.1.5.5.7.3.2", "a client");

    private final String keyPurpose;
    private final String text;

    Purpose(String keyPurpose, String text) {
      this.keyPurpose = keyPurpose;
      this.text = text;
    }
  }

  // RFC 8446 section 6.2.
  private static final int BAD_CERTIFICATE = 42;
  private static final int UNSUPPORTED_CERTIFICATE = 43;
  private static final int CERTIFICATE_EXPIRED = 45;
  private static final int UNKNOWN_CA = 48;

  private static final String ANY_PURPOSE = "2.5.29.37.0";
  private static final int MAX_PATH = 10;

  private final TrustStore trust;
  private final Purpose purpose;
  private final @Nullable PeerName name;

  /**
   * @param name null leaves the name unchecked
   */
  public ChainValidator(TrustStore trust, Purpose purpose, @Nullable PeerName name) {
    this.trust = trust;
    this.purpose = purpose;
    this.name = name;
  }

  /**
   * Validates at a moment.
   *
   * @param der leaf first, at least one
   */
  public void validate(List<byte[]> der, Instant now) throws CertificateFault {
    X509Certificate leaf = trust.known().leaf(purpose, der, now);
    if (leaf == null) {
      List<X509Certificate> chain = parse(der);
      leaf = chain.getFirst();
      checkTime(leaf, "certificate", now);
      List<X509Certificate> path = checkPath(chain, now);
      checkPurpose(leaf);
      trust.known().add(purpose, der, path, now);
    }
    PeerName wanted = name;
    if (wanted != null && !wanted.matches(leaf)) {
      throw new CertificateFault(
          BAD_CERTIFICATE, "certificate of " + subject(leaf) + " is not for " + wanted);
    }
  }

  private static List<X509Certificate> parse(List<byte[]> der) throws CertificateFault {
    List<X509Certificate> chain = new ArrayList<>(der.size());
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] encoded : der) {
        chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded)));
      }
    } catch (CertificateException e) {
      throw new CertificateFault(BAD_CERTIFICATE, "certificate cannot be parsed");
    }
    if (chain.isEmpty()) {
      throw new CertificateFault(BAD_CERTIFICATE, "no certificate");
    }
    return chain;
  }

  private static void checkTime(X509Certificate certificate, String what, Instant now)
      throws CertificateFault {
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      throw new CertificateFault(
          CERTIFICATE_EXPIRED,
          what
              + " of "
              + subject(certificate)
              + " expired on "
              + certificate.getNotAfter().toInstant());
    }
    if (now.isBefore(certificate.getNotBefore().toInstant())) {
      throw new CertificateFault(
          CERTIFICATE_EXPIRED,
          what
              + " of "
              + subject(certificate)
              + " is not valid before "
              + certificate.getNotBefore().toInstant());
    }
  }

  /**
   * @return leaf first, without the anchor
   */
  private List<X509Certificate> checkPath(List<X509Certificate> chain, Instant now)
      throws CertificateFault {
    X509Certificate leaf = chain.getFirst();
    if (trust.certificates().contains(leaf)) {
      return List.of(leaf);
    }
    if (trust.certificates().isEmpty()) {
      throw unknown(leaf);
    }
    try {
      X509CertSelector target = new X509CertSelector();
      target.setCertificate(leaf);
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(trust.anchors(), target);
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
      parameters.setRevocationEnabled(false);
      parameters.setMaxPathLength(MAX_PATH);
      parameters.setDate(Date.from(now));
      List<X509Certificate> path = new ArrayList<>();
      for (Certificate certificate :
          CertPathBuilder.getInstance("PKIX").build(parameters).getCertPath().getCertificates()) {
        path.add((X509Certificate) certificate);
      }
      return path;
    } catch (CertPathBuilderException e) {
      throw explain(chain, now);
    } catch (GeneralSecurityException e) {
      throw new CertificateFault(BAD_CERTIFICATE, "certificate chain cannot be checked");
    }
  }

  /** Finds out why no path could be built: the builder itself does not say. */
  private CertificateFault explain(List<X509Certificate> chain, Instant now) {
    X509Certificate leaf = chain.getFirst();
    List<X509Certificate> path = pathByNames(chain);
    if (path == null) {
      return unknown(leaf);
    }
    for (X509Certificate certificate : path) {
      try {
        checkTime(certificate, "certificate", now);
      } catch (CertificateFault e) {
        return e;
      }
    }
    try {
      PKIXParameters parameters = new PKIXParameters(trust.anchors());
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    } catch (CertPathValidatorException e) {
      return fault(leaf, e);
    } catch (InvalidAlgorithmParameterException | CertificateException e) {
      return unknown(leaf);
    } catch (GeneralSecurityException e) {
      return new CertificateFault(BAD_CERTIFICATE, "certificate chain cannot be checked");
    }
    return unknown(leaf);
  }

  private static CertificateFault fault(X509Certificate leaf, CertPathValidatorException e) {
    CertPathValidatorException.Reason reason = e.getReason();
    if (reason == CertPathValidatorException.BasicReason.EXPIRED
        || reason == CertPathValidatorException.BasicReason.NOT_YET_VALID) {
      return new CertificateFault(
          CERTIFICATE_EXPIRED, "an authority in the chain of " + subject(leaf) + " has expired");
    }
    // A signature that does not verify under the anchor of that name: another authority's.
    if (reason == CertPathValidatorException.BasicReason.INVALID_SIGNATURE
        || reason == java.security.cert.PKIXReason.NO_TRUST_ANCHOR) {
      return unknown(leaf);
    }
    String detail = e.getMessage() == null ? "invalid" : firstLine(e.getMessage());
    return new CertificateFault(
        BAD_CERTIFICATE, "certificate chain of " + subject(leaf) + " is refused: " + detail);
  }

  /** Leaf first, up to a certificate that an anchor issued; null when the names lead nowhere. */
  private @Nullable List<X509Certificate> pathByNames(List<X509Certificate> chain) {
    List<X509Certificate> path = new ArrayList<>();
    X509Certificate at = chain.getFirst();
    for (int i = 0; i < MAX_PATH; i++) {
      path.add(at);
      X500Principal issuer = at.getIssuerX500Principal();
      if (trust.certificates().stream().anyMatch(a -> a.getSubjectX500Principal().equals(issuer))) {
        return path;
      }
      X509Certificate next = null;
      for (X509Certificate candidate : chain) {
        if (candidate.getSubjectX500Principal().equals(issuer) && !path.contains(candidate)) {
          next = candidate;
          break;
        }
      }
      if (next == null) {
        return null;
      }
      at = next;
    }
    return null;
  }

  private void checkPurpose(X509Certificate leaf) throws CertificateFault {
    List<String> purposes;
    try {
      purposes = leaf.getExtendedKeyUsage();
    } catch (CertificateParsingException e) {
      throw new CertificateFault(BAD_CERTIFICATE, "certificate cannot be parsed");
    }
    if (purposes != null
        && !purposes.contains(purpose.keyPurpose)
        && !purposes.contains(ANY_PURPOSE)) {
      throw new CertificateFault(
          UNSUPPORTED_CERTIFICATE,
          "certificate of " + subject(leaf) + " is not meant for " + purpose.text);
    }
    boolean[] usage = leaf.getKeyUsage();
    // RFC 8446 section 4.4.2.2: digitalSignature must be set when there is a keyUsage.
    if (usage != null && !usage[0]) {
      throw new CertificateFault(
          UNSUPPORTED_CERTIFICATE,
          "certificate of " + subject(leaf) + " is not meant for signatures");
    }
  }

  private static CertificateFault unknown(X509Certificate leaf) {
    return new CertificateFault(
        UNKNOWN_CA,
        "certificate of "
            + subject(leaf)
            + " was issued by "
            + printable(leaf.getIssuerX500Principal().getName())
            + ", which is not trusted");
  }

  private static String subject(X509Certificate certificate) {
    return printable(certificate.getSubjectX500Principal().getName());
  }

  private static String firstLine(String text) {
    return printable(text.lines().findFirst().orElse(""));
  }

  /** A peer chooses these names: no control characters, no novels. */
  private static String printable(String text) {
    StringBuilder clean = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), 100); i++) {
      char c = text.charAt(i);
      clean.append(c < 0x20 || c == 0x7f ? '?' : c);
    }
    return clean.toString();
  }
}
