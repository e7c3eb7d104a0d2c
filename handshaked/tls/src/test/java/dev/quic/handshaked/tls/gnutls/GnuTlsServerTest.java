package dev.quic.handshaked.tls.gnutls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.CredentialException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client and GnuTLS' server, with certificates. */
@ExtendWith(GnuTlsPresent.class)
class GnuTlsServerTest {
  static Stream<Arguments> matrix() {
    List<Arguments> all = new ArrayList<>();
    for (KeyKind kind : GnuTlsPair.KINDS) {
      for (int cipher : new int[] {51, 52, 54}) {
        all.add(Arguments.of(kind, cipher));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("matrix")
  void certificate(KeyKind kind, int cipher) {
    GnuTlsSettings server = GnuTlsSettings.server().credentials(TestCertificates.server(kind));
    try (EnginePair pair = GnuTlsPair.run(GnuTlsPair.client().withCipher(cipher), server)) {
      GnuTlsPair.assertAgree(pair);
      assertThat(pair.client.first(TlsEvent.Secret.class).cipher()).isEqualTo(cipher);
      assertThat(pair.client.outcome().peerCertificates()).hasSize(1);
      assertThat(pair.server.outcome().serverName()).isEqualTo(TestCertificates.HOST);
      assertThat(GnuTlsPair.hellos(pair)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100})
  void inPieces(int piece) {
    try (EnginePair pair = GnuTlsPair.run(GnuTlsPair.client(), GnuTlsSettings.server(), piece)) {
      GnuTlsPair.assertAgree(pair);
    }
  }

  @ParameterizedTest
  @CsvSource({"X25519, SECP256R1", "X25519, SECP384R1", "SECP256R1, X25519"})
  void helloRetryRequest(TlsGroup first, TlsGroup second) {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client().withGroups(List.of(first, second)),
            GnuTlsSettings.server().groups(second))) {
      GnuTlsPair.assertAgree(pair);
      assertThat(GnuTlsPair.hellos(pair)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {WHOLE, 7})
  void mutual(int piece) {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client().withCredentials(TestCertificates.CLIENT),
            GnuTlsSettings.server().requireCertificate(TestCertificates.CA.certificate()),
            piece)) {
      GnuTlsPair.assertAgree(pair);
      assertThat(pair.server.outcome().peerCertificates()).hasSize(1);
    }
  }

  /** Asked for one, a client that has none says so, and is let in. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void certificateRequestedOnly(boolean shows) {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client().withCredentials(shows ? TestCertificates.CLIENT : null),
            GnuTlsSettings.server().requestCertificate(TestCertificates.CA.certificate()))) {
      GnuTlsPair.assertAgree(pair);
      assertThat(GnuTlsPair.length(pair.client, GnuTlsPair.CERTIFICATE)).isPositive();
      assertThat(pair.server.outcome().peerCertificates()).hasSize(shows ? 1 : 0);
    }
  }

  private static final int WHOLE = GnuTlsPair.WHOLE;

  @Test
  void mutualAfterRetry() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client()
                .withGroups(List.of(TlsGroup.X25519, TlsGroup.SECP256R1))
                .withCredentials(TestCertificates.CLIENT),
            GnuTlsSettings.server()
                .groups(TlsGroup.SECP256R1)
                .requireCertificate(TestCertificates.CA.certificate()))) {
      GnuTlsPair.assertAgree(pair);
    }
  }

  @Test
  void clientCertificateMissing() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client(),
            GnuTlsSettings.server().requireCertificate(TestCertificates.CA.certificate()))) {
      // A client is done before the server has looked at its certificate.
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(116);
    }
  }

  @Test
  void clientCertificateOfAnotherAuthority() throws CredentialException {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client().withCredentials(TestCertificates.OTHER_CA.client("client.test")),
            GnuTlsSettings.server().requireCertificate(TestCertificates.CA.certificate()))) {
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.server)).isBetween(42, 48);
    }
  }

  @Test
  void protocolMismatch() {
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsPair.client(), GnuTlsSettings.server().alpn("other"))) {
      assertThat(pair.client.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(120);
    }
  }

  @Test
  void serverWithoutProtocols() {
    try (EnginePair pair = GnuTlsPair.run(GnuTlsPair.client(), GnuTlsSettings.server().alpn())) {
      assertThat(pair.client.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.client)).isEqualTo(120);
    }
  }

  @Test
  void wrongName() {
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsPair.client().withPeerName("other.test"), GnuTlsSettings.server())) {
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.client)).isEqualTo(42);
    }
  }

  @Test
  void wrongAuthority() throws CredentialException {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client(),
            GnuTlsSettings.server()
                .credentials(TestCertificates.OTHER_CA.server(TestCertificates.HOST)))) {
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.client)).isEqualTo(48);
    }
  }

  @Test
  void expired() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client(), GnuTlsSettings.server().credentials(TestCertificates.EXPIRED))) {
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.client)).isEqualTo(45);
    }
  }

  @Test
  void noCommonCipher() {
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsPair.client().withCipher(54), GnuTlsSettings.server().cipher(52))) {
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(40);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {WHOLE, 1000})
  void chainAbove16KiB(int piece) throws CredentialException {
    GnuTlsSettings server = GnuTlsSettings.server().credentials(GnuTlsPair.large());
    try (EnginePair pair = GnuTlsPair.run(GnuTlsPair.client(), server, piece)) {
      GnuTlsPair.assertAgree(pair);
      assertThat(GnuTlsPair.length(pair.server, GnuTlsPair.CERTIFICATE)).isGreaterThan(1 << 14);
    }
  }

  @Test
  void ownChainAbove16KiB() throws CredentialException {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client().withCredentials(GnuTlsPair.largeClient()),
            GnuTlsSettings.server().requireCertificate(TestCertificates.CA.certificate()))) {
      GnuTlsPair.assertAgree(pair);
      assertThat(GnuTlsPair.length(pair.client, GnuTlsPair.CERTIFICATE)).isGreaterThan(1 << 14);
    }
  }
}
