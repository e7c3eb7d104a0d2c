package dev.quic.handshaked.daemon.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.tls.cert.CredentialException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RevocationCheckTest {
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final X500Principal CA = new X500Principal("CN=ca");

  @TempDir Path dir;
  private KeyPair caKey;
  private X509Certificate ca;
  private X509Certificate leaf;

  @BeforeEach
  void certificates() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    caKey = generator.generateKeyPair();
    ca = certificate(CA, caKey, 1);
    leaf = certificate(new X500Principal("CN=leaf"), generator.generateKeyPair(), 2);
  }

  private X509Certificate certificate(X500Principal subject, KeyPair key, int serial)
      throws Exception {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            CA,
            BigInteger.valueOf(serial),
            Date.from(NOW.minus(DAY)),
            Date.from(NOW.plus(DAY)),
            subject,
            key.getPublic());
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(caKey.getPrivate())));
  }

  private Path crl(KeyPair signer, int... revoked) throws Exception {
    X509v2CRLBuilder builder = new X509v2CRLBuilder(new X500Name("CN=ca"), Date.from(NOW));
    builder.setNextUpdate(Date.from(NOW.plus(DAY)));
    for (int serial : revoked) {
      builder.addCRLEntry(BigInteger.valueOf(serial), Date.from(NOW), CRLReason.keyCompromise);
    }
    byte[] der =
        builder
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))
            .getEncoded();
    return Files.write(dir.resolve("crl"), der);
  }

  private @Nullable String refusal(Path crl, Instant at) throws Exception {
    return RevocationCheck.refusal(
        crl, List.of(leaf.getEncoded()), List.of(ca), Clock.fixed(at, ZoneOffset.UTC));
  }

  @Test
  void findsARevokedCertificateOnly() throws Exception {
    assertThat(refusal(crl(caKey, 3), NOW)).isNull();
    assertThat(refusal(crl(caKey, 2), NOW)).isEqualTo("certificate of CN=leaf is revoked");
  }

  @Test
  void refusesAnOutdatedList() throws Exception {
    assertThat(refusal(crl(caKey), NOW.plus(DAY).plus(DAY))).contains("is out of date");
  }

  @Test
  void aListOfAStrangerHasNoWeight() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    assertThat(refusal(crl(generator.generateKeyPair(), 2), NOW)).isNull();
  }

  @Test
  void anUnreadableListIsAnError() throws Exception {
    assertThatThrownBy(() -> refusal(dir.resolve("none"), NOW))
        .isInstanceOf(CredentialException.class);
    Path empty = Files.write(dir.resolve("empty"), new byte[0]);
    assertThatThrownBy(() -> refusal(empty, NOW)).isInstanceOf(CredentialException.class);
  }
}
