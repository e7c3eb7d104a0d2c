package dev.quic.handshaked.tls.gnutls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** GnuTLS' client and our server, with certificates. */
@ExtendWith(GnuTlsPresent.class)
class GnuTlsClientTest {
  private static final int WHOLE = GnuTlsPair.WHOLE;

  private static TlsConfig.Server requiring() {
    return GnuTlsPair.server().withClientAuth(TlsConfig.ClientAuth.REQUIRE, TestCertificates.TRUST);
  }

  @ParameterizedTest
  @MethodSource("dev.quic.handshaked.tls.gnutls.GnuTlsServerTest#matrix")
  void certificate(KeyKind kind, int cipher) {
    TlsConfig.Server server = TestCertificates.serverConfig(TestCertificates.server(kind));
    try (EnginePair pair = GnuTlsPair.run(GnuTlsSettings.client(), server.withCipher(cipher))) {
      GnuTlsPair.assertAgree(pair);
      assertThat(pair.server.first(TlsEvent.Secret.class).cipher()).isEqualTo(cipher);
      assertThat(pair.server.outcome().serverName()).isEqualTo(TestCertificates.HOST);
      assertThat(pair.client.outcome().peerCertificates()).hasSize(1);
      assertThat(GnuTlsPair.hellos(pair)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100})
  void inPieces(int piece) {
    try (EnginePair pair = GnuTlsPair.run(GnuTlsSettings.client(), GnuTlsPair.server(), piece)) {
      GnuTlsPair.assertAgree(pair);
    }
  }

  @ParameterizedTest
  @CsvSource({"X25519, SECP256R1", "X25519, SECP384R1", "SECP256R1, X25519"})
  void helloRetryRequest(TlsGroup first, TlsGroup second) {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().groups(first, second),
            GnuTlsPair.server().withGroups(List.of(second)))) {
      GnuTlsPair.assertAgree(pair);
      assertThat(GnuTlsPair.hellos(pair)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {WHOLE, 7})
  void mutual(int piece) {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().credentials(TestCertificates.CLIENT), requiring(), piece)) {
      GnuTlsPair.assertAgree(pair);
      assertThat(pair.server.outcome().peerCertificates()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(value = KeyKind.class, names = "MLDSA65", mode = EnumSource.Mode.EXCLUDE)
  void mutualWithAnyKey(KeyKind kind) throws CredentialException {
    Credentials own = TestCertificates.CA.client(kind, List.of("client.test"));
    try (EnginePair pair = GnuTlsPair.run(GnuTlsSettings.client().credentials(own), requiring())) {
      GnuTlsPair.assertAgree(pair);
    }
  }

  @Test
  void mutualAfterRetry() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client()
                .groups(TlsGroup.X25519, TlsGroup.SECP256R1)
                .credentials(TestCertificates.CLIENT),
            requiring().withGroups(List.of(TlsGroup.SECP256R1)))) {
      GnuTlsPair.assertAgree(pair);
    }
  }

  @Test
  void requestedButNotThere() {
    TlsConfig.Server asking =
        GnuTlsPair.server().withClientAuth(TlsConfig.ClientAuth.REQUEST, TestCertificates.TRUST);
    try (EnginePair pair = GnuTlsPair.run(GnuTlsSettings.client(), asking)) {
      GnuTlsPair.assertAgree(pair);
      assertThat(pair.server.outcome().peerCertificates()).isEmpty();
    }
  }

  @Test
  void clientCertificateMissing() {
    try (EnginePair pair = GnuTlsPair.run(GnuTlsSettings.client(), requiring())) {
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(116);
    }
  }

  @Test
  void clientCertificateOfAnotherAuthority() throws CredentialException {
    Credentials own = TestCertificates.OTHER_CA.client("client.test");
    try (EnginePair pair = GnuTlsPair.run(GnuTlsSettings.client().credentials(own), requiring())) {
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(48);
    }
  }

  @Test
  void protocolMismatch() {
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsSettings.client().alpn("other"), GnuTlsPair.server())) {
      assertThat(pair.client.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(120);
    }
  }

  @Test
  void secondProtocolOfTheClient() {
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsSettings.client().alpn("other", "sample"), GnuTlsPair.server())) {
      GnuTlsPair.assertAgree(pair);
    }
  }

  @Test
  void wrongName() {
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsSettings.client().peerName("other.test"), GnuTlsPair.server())) {
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.client)).isEqualTo(42);
    }
  }

  @Test
  void wrongAuthority() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().trust(TestCertificates.OTHER_CA.certificate()),
            GnuTlsPair.server())) {
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.client)).isBetween(42, 48);
    }
  }

  @Test
  void expired() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client(), TestCertificates.serverConfig(TestCertificates.EXPIRED))) {
      assertThat(pair.server.engine.isComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.client)).isBetween(42, 48);
    }
  }

  @Test
  void noCommonCipher() {
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsSettings.client().cipher(54), GnuTlsPair.server().withCipher(52))) {
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(40);
    }
  }

  @Test
  void noCommonGroup() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().groups(TlsGroup.SECP384R1),
            GnuTlsPair.server().withGroups(List.of(TlsGroup.X25519)))) {
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(40);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {WHOLE, 1000})
  void chainAbove16KiB(int piece) throws CredentialException {
    TlsConfig.Server server = TestCertificates.serverConfig(GnuTlsPair.large());
    try (EnginePair pair = GnuTlsPair.run(GnuTlsSettings.client(), server, piece)) {
      GnuTlsPair.assertAgree(pair);
      assertThat(GnuTlsPair.length(pair.server, GnuTlsPair.CERTIFICATE)).isGreaterThan(1 << 14);
    }
  }
}
