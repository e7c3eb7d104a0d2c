package dev.quic.handshaked.tls.cert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.cert.ChainValidator.Purpose;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainValidatorTest {
  private static final Instant NOW = TestCertificates.NOW;

  private final ChainValidator validator =
      new ChainValidator(
          TestCertificates.TRUST, Purpose.SERVER, PeerName.of(TestCertificates.HOST));

  private static List<byte[]> der(List<X509Certificate> chain) {
    List<byte[]> der = new ArrayList<>();
    for (X509Certificate certificate : chain) {
      try {
        der.add(certificate.getEncoded());
      } catch (CertificateEncodingException e) {
        throw new AssertionError(e);
      }
    }
    return der;
  }

  private void accepts(List<X509Certificate> chain) {
    assertThatCode(() -> validator.validate(der(chain), NOW)).doesNotThrowAnyException();
  }

  private static void refuses(
      ChainValidator validator, List<X509Certificate> chain, Instant at, int alert) {
    assertThatThrownBy(() -> validator.validate(der(chain), at))
        .isInstanceOf(CertificateFault.class)
        .satisfies(
            e -> assertThat(((CertificateFault) e).alert()).as(e.getMessage()).isEqualTo(alert));
  }

  @Test
  void intermediates() throws CredentialException {
    CertificateAuthority middle =
        TestCertificates.CA.intermediate("Middle CA", Duration.ofDays(100));
    CertificateAuthority low = middle.intermediate("Low CA", Duration.ofDays(1000));
    List<X509Certificate> chain = low.server(TestCertificates.HOST).chain();
    assertThat(chain).hasSize(3);
    accepts(chain);

    List<X509Certificate> withRoot = new ArrayList<>(chain);
    withRoot.add(TestCertificates.CA.certificate());
    accepts(withRoot);

    List<X509Certificate> disordered = new ArrayList<>(withRoot.subList(1, 4));
    Collections.reverse(disordered);
    disordered.addFirst(chain.getFirst());
    accepts(disordered);

    refuses(validator, chain.subList(0, 1), NOW, 48);
    refuses(validator, chain.subList(0, 2), NOW, 48);
    // The one in the middle has expired, the leaf has not.
    refuses(validator, chain, NOW.plus(Duration.ofDays(200)), 45);
  }

  @Test
  void leafThatIsNoAuthority() throws CredentialException {
    // A leaf that pretends to be issued by another leaf: the names fit, the right does not.
    Credentials leaf = TestCertificates.CA.server("evil.test");
    CertificateAuthority evil = CertificateAuthority.create("evil.test", NOW);
    List<X509Certificate> chain = List.of(evil.server(TestCertificates.HOST).leaf(), leaf.leaf());
    refuses(validator, chain, NOW, 42);
  }

  @Test
  void trustedLeaf() {
    ChainValidator pinned =
        new ChainValidator(
            TrustStore.of(List.of(TestCertificates.SERVER.leaf())),
            Purpose.SERVER,
            PeerName.of(TestCertificates.HOST));
    assertThatCode(() -> pinned.validate(der(TestCertificates.SERVER.chain()), NOW))
        .doesNotThrowAnyException();
    refuses(pinned, TestCertificates.SERVER.chain(), NOW.plus(Duration.ofDays(4000)), 45);
  }

  @Test
  void noAnchors() {
    ChainValidator none = new ChainValidator(TrustStore.of(List.of()), Purpose.SERVER, null);
    refuses(none, TestCertificates.SERVER.chain(), NOW, 48);
  }

  @Test
  void purposes() {
    refuses(validator, TestCertificates.CLIENT.chain(), NOW, 43);
    ChainValidator ofClients = new ChainValidator(TestCertificates.TRUST, Purpose.CLIENT, null);
    refuses(ofClients, TestCertificates.SERVER.chain(), NOW, 43);
    assertThatCode(() -> ofClients.validate(der(TestCertificates.CLIENT.chain()), NOW))
        .doesNotThrowAnyException();
  }

  @Test
  void rubbish() {
    assertThatThrownBy(() -> validator.validate(List.of(new byte[] {1, 2, 3}), NOW))
        .isInstanceOf(CertificateFault.class);
    assertThatThrownBy(() -> validator.validate(List.of(), NOW))
        .isInstanceOf(CertificateFault.class);
  }
}
