package dev.quic.handshaked.tls.cert;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes a certificate authority and leaves for tests, samples and {@code bin/quic keys}. Leaves
 * carry no keyUsage, since some QUIC stacks refuse one. Confined to one thread.
 */
public final class CertificateAuthority {
  /** Kinds of keys a leaf may have. */
  public enum KeyKind {
    P256,
    P384,
    RSA2048,
    ED25519,
    MLDSA65
  }

  private static final Duration LEAF_LIFE = Duration.ofDays(365);
  private static final Duration CA_LIFE = Duration.ofDays(3650);

  private final X509Certificate certificate;
  private final PrivateKey key;
  private final Instant now;

  /** What a leaf's chain holds behind the leaf: this authority's own, unless it is a root. */
  private final List<X509Certificate> intermediates;

  private final SecureRandom random = new SecureRandom();

  private CertificateAuthority(
      X509Certificate certificate,
      PrivateKey key,
      Instant now,
      List<X509Certificate> intermediates) {
    this.certificate = certificate;
    this.key = key;
    this.now = now;
    this.intermediates = List.copyOf(intermediates);
  }

  /** A self-signed P-256 authority valid from a day before {@code now} for ten years. */
  public static CertificateAuthority create(String commonName, Instant now)
      throws CredentialException {
    try {
      KeyPair pair = keyPair(KeyKind.P256);
      X500Principal name = new X500Principal("CN=" + commonName);
      X509Certificate own =
          authority(name, name, pair.getPublic(), pair.getPrivate(), now, CA_LIFE);
      return new CertificateAuthority(own, pair.getPrivate(), now, List.of());
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new CredentialException("cannot make a certificate authority: " + e.getMessage(), e);
    }
  }

  /**
   * An authority below this one; its leaves' chains carry its certificate.
   *
   * @param life counted from a day ago
   */
  public CertificateAuthority intermediate(String commonName, Duration life)
      throws CredentialException {
    try {
      KeyPair pair = keyPair(KeyKind.P256);
      X509Certificate own =
          authority(
              certificate.getSubjectX500Principal(),
              new X500Principal("CN=" + commonName),
              pair.getPublic(),
              key,
              now,
              life);
      List<X509Certificate> below = new ArrayList<>(List.of(own));
      below.addAll(intermediates);
      return new CertificateAuthority(own, pair.getPrivate(), now, below);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new CredentialException("cannot make a certificate authority: " + e.getMessage(), e);
    }
  }

  private static X509Certificate authority(
      X500Principal issuer,
      X500Principal subject,
      PublicKey publicKey,
      PrivateKey issuerKey,
      Instant now,
      Duration life)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    Instant from = now.minus(Duration.ofDays(1));
    X509v3CertificateBuilder builder =
        builder(issuer, subject, publicKey, from, life, new SecureRandom());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(publicKey));
    return sign(builder, issuerKey);
  }

  public X509Certificate certificate() {
    return certificate;
  }

  public TrustStore trustStore() {
    return TrustStore.of(List.of(certificate));
  }

  /**
   * A server's certificate.
   *
   * @param names host names and IP literals for the subjectAltName
   */
  public Credentials server(KeyKind kind, List<String> names) throws CredentialException {
    return leaf(kind, names, now.minus(Duration.ofDays(1)), KeyPurposeId.id_kp_serverAuth);
  }

  /** A P-256 server's certificate. */
  public Credentials server(String... names) throws CredentialException {
    return server(KeyKind.P256, List.of(names));
  }

  /** A server's certificate that expired a day ago. */
  public Credentials expiredServer(String... names) throws CredentialException {
    return leaf(
        KeyKind.P256,
        List.of(names),
        now.minus(LEAF_LIFE).minus(Duration.ofDays(1)),
        KeyPurposeId.id_kp_serverAuth);
  }

  /** A P-256 client's certificate. */
  public Credentials client(String name) throws CredentialException {
    return client(KeyKind.P256, List.of(name));
  }

  /** A client's certificate. */
  public Credentials client(KeyKind kind, List<String> names) throws CredentialException {
    return leaf(kind, names, now.minus(Duration.ofDays(1)), KeyPurposeId.id_kp_clientAuth);
  }

  private Credentials leaf(KeyKind kind, List<String> names, Instant from, KeyPurposeId purpose)
      throws CredentialException {
    try {
      KeyPair pair = keyPair(kind);
      String common = names.isEmpty() ? "leaf" : names.getFirst();
      X509v3CertificateBuilder builder =
          builder(
              certificate.getSubjectX500Principal(),
              new X500Principal("CN=" + common),
              pair.getPublic(),
              from,
              LEAF_LIFE,
              random);
      JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
      builder.addExtension(Extension.basicConstraints, false, new BasicConstraints(false));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      builder.addExtension(
          Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(certificate));
      if (!names.isEmpty()) {
        GeneralName[] general =
            names.stream().map(CertificateAuthority::name).toArray(GeneralName[]::new);
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(general));
      }
      List<X509Certificate> chain = new ArrayList<>(List.of(sign(builder, key)));
      chain.addAll(intermediates);
      return new Credentials(chain, pair.getPrivate());
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new CredentialException("cannot make a certificate: " + e.getMessage(), e);
    }
  }

  private static GeneralName name(String name) {
    InetAddress address = PeerName.ipLiteral(name);
    return address != null
        ? new GeneralName(GeneralName.iPAddress, address.getHostAddress())
        : new GeneralName(GeneralName.dNSName, name);
  }

  private static X509v3CertificateBuilder builder(
      X500Principal issuer,
      X500Principal subject,
      PublicKey key,
      Instant from,
      Duration life,
      SecureRandom random) {
    BigInteger serial = new BigInteger(120, random).setBit(119);
    return new JcaX509v3CertificateBuilder(
        issuer, serial, Date.from(from), Date.from(from.plus(life)), subject, key);
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
      throws OperatorCreationException, GeneralSecurityException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  private static KeyPair keyPair(KeyKind kind) throws GeneralSecurityException {
    KeyPairGenerator generator;
    switch (kind) {
      case P256, P384 -> {
        generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(
            new ECGenParameterSpec(kind == KeyKind.P256 ? "secp256r1" : "secp384r1"));
      }
      case RSA2048 -> {
        generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
      }
      case ED25519 -> generator = KeyPairGenerator.getInstance("Ed25519");
      case MLDSA65 -> generator = KeyPairGenerator.getInstance("ML-DSA-65");
      default -> throw new GeneralSecurityException("no such kind of key");
    }
    return generator.generateKeyPair();
  }

  /** Writes certificates as PEM. */
  public static void writeCertificates(Path file, List<X509Certificate> chain) throws IOException {
    Files.writeString(file, pem(chain.toArray()), StandardCharsets.US_ASCII);
  }

  /** Writes a private key as PKCS#8 PEM, readable by its owner only where the system can. */
  public static void writeKey(Path file, PrivateKey key) throws IOException {
    Files.deleteIfExists(file);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(file, pem(new JcaPKCS8Generator(key, null)));
  }

  private static String pem(Object... items) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object item : items) {
        writer.writeObject(item);
      }
    }
    return text.toString();
  }
}
