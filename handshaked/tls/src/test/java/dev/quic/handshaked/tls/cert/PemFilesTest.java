package dev.quic.handshaked.tls.cert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PemFilesTest {
  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void roundTrip(KeyKind kind) throws IOException {
    Credentials made = TestCertificates.server(kind);
    Path chain = dir.resolve("server.pem");
    Path key = dir.resolve("server.key");
    CertificateAuthority.writeCertificates(
        chain, List.of(made.leaf(), TestCertificates.CA.certificate()));
    CertificateAuthority.writeKey(key, made.key());
    CertificateAuthority.writeKey(key, made.key());

    Credentials read = PemFiles.credentials(chain, key);
    assertThat(read.chain()).containsExactly(made.leaf(), TestCertificates.CA.certificate());
    assertThat(read.key().getEncoded()).isEqualTo(made.key().getEncoded());
    assertThat(read.toString()).doesNotContain("key=").contains(TestCertificates.HOST);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    assertThat(TrustStore.ofPem(chain).certificates()).hasSize(2);
  }

  /** SEC 1, as older tools write it. */
  @Test
  void oldEcForm() throws IOException {
    ECPrivateKey key = (ECPrivateKey) TestCertificates.server(KeyKind.P256).key();
    byte[] sec1 =
        new org.bouncycastle.asn1.sec.ECPrivateKey(256, key.getS(), SECObjectIdentifiers.secp256r1)
            .getEncoded();
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject("EC PRIVATE KEY", sec1));
    }
    Path file = Files.writeString(dir.resolve("ec.key"), text.toString());
    assertThat(((ECPrivateKey) PemFiles.privateKey(file)).getS()).isEqualTo(key.getS());
  }

  /** PKCS#1, as older tools write it. */
  @Test
  void oldRsaForm() throws IOException {
    PrivateKey key = TestCertificates.server(KeyKind.RSA2048).key();
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(key);
    }
    assertThat(text.toString()).startsWith("-----BEGIN RSA PRIVATE KEY");
    Path file = Files.writeString(dir.resolve("rsa.key"), text.toString());
    assertThat(PemFiles.privateKey(file)).isEqualTo(key);
  }

  @Test
  void errorsAreOneLineAndNameTheFile() throws IOException {
    Path missing = dir.resolve("missing.pem");
    assertThatThrownBy(() -> PemFiles.certificates(missing))
        .isInstanceOf(CredentialException.class)
        .hasMessage("certificate " + missing + " does not exist");
    assertThatThrownBy(() -> PemFiles.privateKey(missing))
        .hasMessage("private key " + missing + " does not exist");

    Path empty = Files.writeString(dir.resolve("empty.pem"), "hello\n");
    assertThatThrownBy(() -> PemFiles.certificates(empty)).hasMessage("no certificate in " + empty);
    assertThatThrownBy(() -> PemFiles.privateKey(empty)).hasMessage("no private key in " + empty);

    Path broken =
        Files.writeString(
            dir.resolve("broken.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assertThatThrownBy(() -> PemFiles.certificates(broken))
        .isInstanceOf(CredentialException.class)
        .hasMessageContaining(broken.toString())
        .message()
        .doesNotContain("\n");
    assertThatThrownBy(() -> PemFiles.privateKey(dir))
        .isInstanceOf(CredentialException.class)
        .hasMessageContaining(dir.toString());
  }

  @Test
  void keyOfAnotherCertificate() throws IOException {
    Path chain = dir.resolve("server.pem");
    Path key = dir.resolve("server.key");
    CertificateAuthority.writeCertificates(chain, TestCertificates.SERVER.chain());
    CertificateAuthority.writeKey(key, TestCertificates.CLIENT.key());
    assertThatThrownBy(() -> PemFiles.credentials(chain, key))
        .hasMessageContaining("does not belong to certificate");
    CertificateAuthority.writeKey(key, TestCertificates.server(KeyKind.RSA2048).key());
    assertThatThrownBy(() -> PemFiles.credentials(chain, key))
        .hasMessageContaining("does not belong to certificate");
  }

  @Test
  void theRuntimesAnchors() throws CredentialException {
    assertThat(TrustStore.runtime().certificates()).isNotEmpty();
  }

  @Test
  void leavesCarryNoKeyUsage() {
    assertThat(TestCertificates.SERVER.leaf().getKeyUsage()).isNull();
    assertThat(TestCertificates.SERVER.leaf().getBasicConstraints()).isEqualTo(-1);
    assertThat(TestCertificates.CA.certificate().getBasicConstraints()).isNotNegative();
  }
}
