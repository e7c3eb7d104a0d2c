package dev.quic.handshaked.tls.cert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.cert.ChainValidator.Purpose;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownChainsTest {
  private static final Instant NOW = TestCertificates.NOW;

  private final TrustStore trust = TrustStore.of(List.of(TestCertificates.CA.certificate()));

  private static List<byte[]> der(List<X509Certificate> chain) throws Exception {
    List<byte[]> der = new ArrayList<>();
    for (X509Certificate certificate : chain) {
      der.add(certificate.getEncoded());
    }
    return der;
  }

  private ChainValidator validator(String host) {
    return new ChainValidator(trust, Purpose.SERVER, PeerName.of(host));
  }

  @Test
  void aGoodChainIsKnownForItsPurposeOnly() throws Exception {
    List<byte[]> chain = der(TestCertificates.SERVER.chain());
    assertThat(trust.known().leaf(Purpose.SERVER, chain, NOW)).isNull();
    validator(TestCertificates.HOST).validate(chain, NOW);
    assertThat(trust.known().leaf(Purpose.SERVER, der(TestCertificates.SERVER.chain()), NOW))
        .isEqualTo(TestCertificates.SERVER.leaf());
    assertThat(trust.known().leaf(Purpose.CLIENT, chain, NOW)).isNull();
    assertThat(trust.known().leaf(Purpose.SERVER, List.of(), NOW)).isNull();
    assertThatCode(() -> validator(TestCertificates.HOST).validate(chain, NOW))
        .doesNotThrowAnyException();
  }

  @Test
  void theNameIsLookedAtEveryTime() throws Exception {
    List<byte[]> chain = der(TestCertificates.SERVER.chain());
    validator(TestCertificates.HOST).validate(chain, NOW);
    assertThatThrownBy(() -> validator("other.test").validate(chain, NOW))
        .isInstanceOf(CertificateFault.class)
        .hasMessageContaining("is not for");
  }

  @Test
  void oneChangedByteIsAnotherChain() throws Exception {
    List<byte[]> chain = der(TestCertificates.SERVER.chain());
    validator(TestCertificates.HOST).validate(chain, NOW);
    for (int at = 0; at < chain.getFirst().length; at += 97) {
      byte[] changed = chain.getFirst().clone();
      changed[at] ^= 1;
      assertThat(trust.known().leaf(Purpose.SERVER, List.of(changed), NOW)).isNull();
    }
    byte[] forged = chain.getFirst().clone();
    forged[forged.length - 1] ^= 1;
    assertThatThrownBy(() -> validator(TestCertificates.HOST).validate(List.of(forged), NOW))
        .isInstanceOf(CertificateFault.class);
    assertThat(trust.known().size()).isEqualTo(1);
  }

  @Test
  void validityAndAgeEndIt() throws Exception {
    // Its validity begins a day ago.
    CertificateAuthority brief =
        TestCertificates.CA.intermediate("Brief CA", Duration.ofDays(1).plusMinutes(10));
    List<byte[]> chain = der(brief.server(TestCertificates.HOST).chain());
    ChainValidator validator = validator(TestCertificates.HOST);
    validator.validate(chain, NOW);
    Instant end = brief.certificate().getNotAfter().toInstant();
    assertThat(trust.known().leaf(Purpose.SERVER, chain, end)).isNotNull();
    assertThatThrownBy(() -> validator.validate(chain, end.plusSeconds(1)))
        .isInstanceOf(CertificateFault.class);

    List<byte[]> lasting = der(TestCertificates.SERVER.chain());
    validator.validate(lasting, NOW);
    Instant late = NOW.plus(KnownChains.MAX_AGE);
    assertThat(trust.known().leaf(Purpose.SERVER, lasting, late)).isNotNull();
    assertThat(trust.known().leaf(Purpose.SERVER, lasting, late.plusSeconds(1))).isNull();
    validator.validate(lasting, NOW);
    assertThat(trust.known().leaf(Purpose.SERVER, lasting, NOW.minusSeconds(1))).isNull();
  }

  @Test
  void whatIsRefusedIsNotKept() throws Exception {
    ChainValidator validator = validator(TestCertificates.HOST);
    List<X509Certificate> foreign = TestCertificates.OTHER_CA.server("x.test").chain();
    for (List<X509Certificate> chain : List.of(foreign, TestCertificates.EXPIRED.chain())) {
      assertThatThrownBy(() -> validator.validate(der(chain), NOW))
          .isInstanceOf(CertificateFault.class);
    }
    assertThat(trust.known().size()).isZero();
  }

  @Test
  void countAndLengthAreBounded() throws Exception {
    KnownChains known = new KnownChains();
    List<X509Certificate> path = TestCertificates.SERVER.chain();
    for (int i = 0; i < 2 * KnownChains.MAX_CHAINS; i++) {
      known.add(Purpose.SERVER, List.of(new byte[] {(byte) i, (byte) (i >> 8)}), path, NOW);
    }
    assertThat(known.size()).isEqualTo(KnownChains.MAX_CHAINS);
    byte[] half = new byte[KnownChains.MAX_BYTES / 2];
    known = new KnownChains();
    known.add(Purpose.SERVER, List.of(half, half, new byte[1]), path, NOW);
    assertThat(known.size()).isZero();
    known.add(Purpose.SERVER, List.of(half, half), path, NOW);
    assertThat(known.size()).isEqualTo(1);
  }
}
