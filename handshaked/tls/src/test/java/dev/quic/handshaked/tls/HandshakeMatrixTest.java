package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeMatrixTest {
  static Stream<Arguments> matrix() {
    List<Arguments> all = new ArrayList<>();
    for (int cipher : new int[] {0, 51, 52, 54}) {
      for (KeyKind kind : KeyKind.values()) {
        for (TlsGroup group : TlsGroup.values()) {
          for (boolean retry : new boolean[] {false, true}) {
            all.add(Arguments.of(cipher, kind, group, retry));
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("matrix")
  void bothEndsAgree(int cipher, KeyKind kind, TlsGroup group, boolean retry) {
    List<TlsGroup> clientGroups = new ArrayList<>(List.of(group));
    if (retry) {
      // The client's share is for another group: HelloRetryRequest.
      TlsGroup other = group == TlsGroup.X25519 ? TlsGroup.SECP384R1 : TlsGroup.X25519;
      clientGroups.addFirst(other);
    }
    EnginePair pair =
        new EnginePair(
                TestCertificates.client().withCipher(cipher).withGroups(clientGroups),
                TestCertificates.serverConfig(TestCertificates.server(kind))
                    .withGroups(List.of(group)))
            .run();

    assertThat(pair.client.alert()).isNull();
    assertThat(pair.server.alert()).isNull();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.secretsAgree()).isTrue();
    long hellos =
        pair.client.events.stream()
            .filter(e -> e instanceof TlsEvent.Crypto c && c.level() == CryptoLevel.INITIAL)
            .count();
    assertThat(hellos).isEqualTo(retry ? 2 : 1);
    if (cipher != 0) {
      assertThat(pair.client.first(TlsEvent.Secret.class).cipher()).isEqualTo(cipher);
    }
    TlsOutcome client = pair.client.outcome();
    TlsOutcome server = pair.server.outcome();
    assertThat(client.alpn()).isEqualTo("sample");
    assertThat(server.alpn()).isEqualTo("sample");
    assertThat(server.serverName()).isEqualTo(TestCertificates.HOST);
    assertThat(client.peerCertificates()).hasSize(1);
    assertThat(server.peerCertificates()).isEmpty();
    assertThat(pair.client.first(TlsEvent.PeerTransportParameters.class).body())
        .isEqualTo(EnginePair.serverParameters());
    assertThat(pair.server.first(TlsEvent.PeerTransportParameters.class).body())
        .isEqualTo(EnginePair.clientParameters());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100})
  void piecesOfAnySize(int piece) {
    EnginePair pair =
        new EnginePair(TestCertificates.client(), TestCertificates.serverConfig(), piece, List::of)
            .run();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.secretsAgree()).isTrue();
  }

  @Test
  void clientCertificates() {
    for (var auth : TlsConfig.ClientAuth.values()) {
      EnginePair pair =
          new EnginePair(
                  TestCertificates.client().withCredentials(TestCertificates.CLIENT),
                  TestCertificates.serverConfig().withClientAuth(auth, TestCertificates.TRUST))
              .run();
      assertThat(pair.server.alert()).isNull();
      assertThat(pair.bothComplete()).isTrue();
      assertThat(pair.secretsAgree()).isTrue();
      assertThat(pair.server.first(TlsEvent.Complete.class).outcome().peerCertificates())
          .hasSize(auth == TlsConfig.ClientAuth.NONE ? 0 : 1);
    }
  }

  @Test
  void thirdGroupOfTheClientCausesNoRetry() {
    // The server has a share for its second choice and must use it.
    EnginePair pair =
        new EnginePair(
                TestCertificates.client().withGroups(List.of(TlsGroup.SECP256R1, TlsGroup.X25519)),
                TestCertificates.serverConfig()
                    .withGroups(List.of(TlsGroup.X25519, TlsGroup.SECP256R1)))
            .run();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(
            pair.client.events.stream()
                .filter(e -> e instanceof TlsEvent.Crypto c && c.level() == CryptoLevel.INITIAL))
        .hasSize(1);
  }

  @Test
  void orderOfEvents() {
    EnginePair pair =
        new EnginePair(TestCertificates.client(), TestCertificates.serverConfig()).run();
    assertThat(pair.client.events.stream().map(HandshakeMatrixTest::brief))
        .containsExactly(
            "Crypto INITIAL 1",
            "Secret HANDSHAKE send",
            "Secret HANDSHAKE recv",
            "PeerTransportParameters",
            "Crypto HANDSHAKE 20",
            "Secret APP send",
            "Secret APP recv",
            "Complete");
    assertThat(pair.server.events.stream().map(HandshakeMatrixTest::brief))
        .containsExactly(
            "PeerTransportParameters",
            "AlpnSelected",
            "NeedLocalTransportParameters",
            "Crypto INITIAL 2",
            "Secret HANDSHAKE send",
            "Secret HANDSHAKE recv",
            "Crypto HANDSHAKE 8",
            "Crypto HANDSHAKE 11",
            "Crypto HANDSHAKE 15",
            "Crypto HANDSHAKE 20",
            "Secret APP send",
            "Secret APP recv",
            "Complete");
  }

  private static String brief(TlsEvent event) {
    return switch (event) {
      case TlsEvent.Crypto c -> "Crypto " + c.level() + " " + c.bytes()[0];
      case TlsEvent.Secret s -> "Secret " + s.level() + (s.send() ? " send" : " recv");
      default -> event.getClass().getSimpleName();
    };
  }

  @Test
  void withoutAlpnAndByAddress() {
    EnginePair pair =
        new EnginePair(
                TestCertificates.client().withAlpn(List.of()).withPeerName("127.0.0.1"),
                TestCertificates.serverConfig().withAlpn(List.of()))
            .run();
    assertThat(pair.bothComplete()).isTrue();
    TlsOutcome server = pair.server.outcome();
    assertThat(server.alpn()).isNull();
    assertThat(server.serverName()).as("no SNI for an IP literal").isNull();
    assertThat(pair.server.has(TlsEvent.AlpnSelected.class)).isFalse();
  }
}
