package dev.quic.handshaked.tls.cert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.SignatureSpi;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.MLDSAKeyPairGenerator;
import org.bouncycastle.crypto.params.MLDSAKeyGenerationParameters;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

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

  /** RFC 9881 section 6: seed, expanded key, or both. */
  @ParameterizedTest
  @MethodSource("mlDsa")
  void everyFormOfAnMlDsaKey(MLDSAParameters set, int form) throws Exception {
    MLDSAKeyPairGenerator generator = new MLDSAKeyPairGenerator();
    generator.init(new MLDSAKeyGenerationParameters(new SecureRandom(), set));
    AsymmetricCipherKeyPair pair = generator.generateKeyPair();
    MLDSAPrivateKeyParameters made = (MLDSAPrivateKeyParameters) pair.getPrivate();
    byte[] pkcs8 =
        PrivateKeyInfoFactory.createPrivateKeyInfo(made.getParametersWithFormat(form)).getEncoded();
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject("PRIVATE KEY", pkcs8));
    }
    Path file = Files.writeString(dir.resolve("pq.key"), text.toString());
    PrivateKey key = PemFiles.privateKey(file);
    assertThat(key.getAlgorithm()).isEqualTo("ML-DSA");
    assertThat(PemFiles.privateKey(pkcs8, "key 17")).isEqualTo(key);

    PublicKey publicKey =
        KeyFactory.getInstance("ML-DSA")
            .generatePublic(
                new X509EncodedKeySpec(
                    SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(pair.getPublic())
                        .getEncoded()));
    X500Name name = new X500Name("CN=pq");
    Instant now = Instant.now();
    X509Certificate own =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(now),
                        Date.from(now.plusSeconds(60)),
                        name,
                        publicKey)
                    .build(new JcaContentSignerBuilder(set.getName()).build(key)));
    Path chain = dir.resolve("pq.pem");
    CertificateAuthority.writeCertificates(chain, List.of(own));
    assertThat(PemFiles.credentials(chain, file).leaf()).isEqualTo(own);
    assertThat(PemFiles.certificates(own.getEncoded(), "key 18")).containsExactly(own);
    CertificateAuthority.writeCertificates(chain, TestCertificates.SERVER.chain());
    assertThatThrownBy(() -> PemFiles.credentials(chain, file))
        .hasMessageContaining("does not belong to certificate");
  }

  static Stream<Arguments> mlDsa() {
    int[] forms = {
      MLDSAPrivateKeyParameters.SEED_ONLY,
      MLDSAPrivateKeyParameters.EXPANDED_KEY,
      MLDSAPrivateKeyParameters.BOTH
    };
    return Stream.of(
            MLDSAParameters.ml_dsa_44, MLDSAParameters.ml_dsa_65, MLDSAParameters.ml_dsa_87)
        .flatMap(set -> IntStream.of(forms).mapToObj(form -> Arguments.of(set, form)));
  }

  @Test
  void keysAndCertificatesThatCameAsBytes() throws Exception {
    Credentials made = TestCertificates.SERVER;
    PrivateKey key = PemFiles.privateKey(made.key().getEncoded(), "key 1");
    assertThat(key).isEqualTo(made.key());
    List<X509Certificate> chain = PemFiles.certificates(made.leaf().getEncoded(), "key 2");
    assertThat(PemFiles.credentials(chain, key, "key 2", "key 1").chain())
        .containsExactly(made.leaf());
    for (byte[] nonsense : new byte[][] {{}, {0x30, 3, 1, 1, 1}, "no key".getBytes(UTF_8)}) {
      assertThatThrownBy(() -> PemFiles.privateKey(nonsense, "key 3"))
          .isInstanceOf(CredentialException.class)
          .hasMessageContaining("key 3");
      assertThatThrownBy(() -> PemFiles.certificates(nonsense, "key 4"))
          .isInstanceOf(CredentialException.class)
          .hasMessageContaining("key 4");
    }
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

  /** A key of {@link GoneToken}. */
  private record TokenKey() implements PrivateKey {
    private static final long serialVersionUID = 1;

    @Override
    public String getAlgorithm() {
      return "EC";
    }

    @Override
    public @Nullable String getFormat() {
      return null;
    }

    @Override
    public byte @Nullable [] getEncoded() {
      return null;
    }
  }

  /** Signs as long as its token is there, which it is not. */
  private static final class GoneToken extends Provider {
    private static final long serialVersionUID = 1;

    GoneToken() {
      super("gone-token", "1", "");
      putService(
          new Service(
              this, "Signature", "SHA256withECDSA", TokenSignature.class.getName(), null, null) {
            @Override
            public Object newInstance(@Nullable Object parameter) {
              return new TokenSignature();
            }

            @Override
            public boolean supportsParameter(Object key) {
              return key instanceof TokenKey;
            }
          });
    }
  }

  private static final class TokenSignature extends SignatureSpi {
    @Override
    protected void engineInitVerify(PublicKey key) throws InvalidKeyException {
      throw new InvalidKeyException();
    }

    @Override
    protected void engineInitSign(PrivateKey key) {}

    @Override
    protected void engineUpdate(byte b) {}

    @Override
    protected void engineUpdate(byte[] bytes, int off, int len) {}

    @Override
    protected byte[] engineSign() {
      throw new ProviderException("the token is gone");
    }

    @Override
    protected boolean engineVerify(byte[] signature) {
      return false;
    }

    @Override
    @Deprecated
    protected void engineSetParameter(String name, Object value) {}

    @Override
    @Deprecated
    protected @Nullable Object engineGetParameter(String name) {
      return null;
    }
  }

  @Test
  void aKeyThatCannotSignIsOneClearLine() {
    List<X509Certificate> chain = TestCertificates.SERVER.chain();
    Provider token = new GoneToken();
    Security.addProvider(token);
    try {
      assertThatThrownBy(() -> PemFiles.credentials(chain, new TokenKey(), "a.pem", "pkcs11:x"))
          .isInstanceOf(CredentialException.class)
          .hasMessage("private key pkcs11:x cannot be used with a.pem: the token is gone");
    } finally {
      Security.removeProvider(token.getName());
    }
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
