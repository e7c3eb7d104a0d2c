package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every refusal: the right alert, a reason of one line, and nothing after it. */
class AlertsTest {
  private static final int TRANSPORT_PARAMETERS = 0x39;

  private static EnginePair pair(TlsConfig.Client client, TlsConfig.Server server) {
    return new EnginePair(client, server).run();
  }

  /** The default pair, with one kind of message changed on its way. */
  private static EnginePair changed(int type, UnaryOperator<byte[]> change) {
    return new EnginePair(
            TestCertificates.client(),
            TestCertificates.serverConfig(),
            Integer.MAX_VALUE,
            crypto ->
                List.of(
                    crypto.bytes()[0] == type
                        ? new TlsEvent.Crypto(crypto.level(), change.apply(crypto.bytes().clone()))
                        : crypto))
        .run();
  }

  private static void assertAlert(EnginePair.End end, int alert, String reason) {
    TlsEvent.Alert got = Objects.requireNonNull(end.alert(), "no alert");
    assertThat(got.alert()).as(got.reason()).isEqualTo(alert);
    assertThat(got.reason()).contains(reason).doesNotContain("\n");
    assertThat(end.events).last().isEqualTo(got);
    assertThat(end.events).filteredOn(e -> e instanceof TlsEvent.Alert).hasSize(1);
    assertThat(end.engine.isComplete()).isFalse();
    assertThat(end.has(TlsEvent.Complete.class)).isFalse();
    // An engine that failed stays silent.
    end.engine.receive(CryptoLevel.INITIAL, new byte[] {1, 0, 0, 0}, 0, 4);
    assertThat(end.engine.drain()).isEmpty();
  }

  @Test
  void certificates() throws CredentialException {
    assertAlert(
        pair(
                TestCertificates.client(),
                TestCertificates.serverConfig(
                    TestCertificates.OTHER_CA.server(TestCertificates.HOST)))
            .client,
        48,
        "not trusted");
    assertAlert(
        pair(TestCertificates.client().withPeerName("x.test"), TestCertificates.serverConfig())
            .client,
        42,
        "not for x.test");
    assertAlert(
        pair(TestCertificates.client(), TestCertificates.serverConfig(TestCertificates.EXPIRED))
            .client,
        45,
        "expired");
    Clock early = Clock.offset(TestCertificates.CLOCK, Duration.ofDays(-30));
    assertAlert(
        pair(TestCertificates.client().withClock(early), TestCertificates.serverConfig()).client,
        45,
        "not valid before");
    assertAlert(
        pair(
                TestCertificates.client().withPeerName("client.test"),
                TestCertificates.serverConfig(TestCertificates.CLIENT))
            .client,
        43,
        "not meant for a server");
  }

  @Test
  void expiredAuthorityIsExpired() {
    Clock late = Clock.offset(TestCertificates.CLOCK, Duration.ofDays(20 * 365));
    assertAlert(
        pair(TestCertificates.client().withClock(late), TestCertificates.serverConfig()).client,
        45,
        "expired");
  }

  @Test
  void withoutVerificationEverythingGoes() {
    EnginePair pair =
        pair(
            TestCertificates.client().withVerify(false).withPeerName("x.test"),
            TestCertificates.serverConfig(TestCertificates.EXPIRED));
    assertThat(pair.bothComplete()).isTrue();
  }

  @Test
  void foreignKeyDoesNotSign() {
    Credentials mixed =
        new Credentials(
            TestCertificates.SERVER.chain(), TestCertificates.server(KeyKind.P256).key());
    assertAlert(
        pair(TestCertificates.client(), TestCertificates.serverConfig(mixed)).client, 51, "");
  }

  @Test
  void clientCertificates() {
    TlsConfig.Server demanding =
        TestCertificates.serverConfig()
            .withClientAuth(TlsConfig.ClientAuth.REQUIRE, TestCertificates.TRUST);
    assertAlert(pair(TestCertificates.client(), demanding).server, 116, "no certificate");
    TlsConfig.Server strange =
        TestCertificates.serverConfig()
            .withClientAuth(TlsConfig.ClientAuth.REQUIRE, TestCertificates.OTHER_CA.trustStore());
    assertAlert(
        pair(TestCertificates.client().withCredentials(TestCertificates.CLIENT), strange).server,
        48,
        "not trusted");
  }

  @Test
  void protocols() {
    assertAlert(
        pair(TestCertificates.client(), TestCertificates.serverConfig().withAlpn(List.of("h3")))
            .server,
        120,
        "offers sample, we speak h3");
    assertAlert(
        pair(TestCertificates.client().withAlpn(List.of()), TestCertificates.serverConfig()).server,
        120,
        "offers none");
    assertAlert(
        pair(TestCertificates.client(), TestCertificates.serverConfig().withAlpn(List.of())).client,
        120,
        "chose no application protocol");
  }

  @Test
  void nothingInCommon() {
    assertAlert(
        pair(
                TestCertificates.client().withCipher(51),
                TestCertificates.serverConfig().withCipher(52))
            .server,
        40,
        "no common cipher suite");
    assertAlert(
        pair(
                TestCertificates.client().withGroups(List.of(TlsGroup.X25519)),
                TestCertificates.serverConfig().withGroups(List.of(TlsGroup.SECP256R1)))
            .server,
        40,
        "handshake failure");
  }

  @Test
  void missingTransportParameters() {
    assertAlert(
        changed(1, hello -> HelloBytes.without(hello, TRANSPORT_PARAMETERS)).server,
        109,
        "quic_transport_parameters");
    assertAlert(
        changed(8, extensions -> HelloBytes.without(extensions, TRANSPORT_PARAMETERS)).client,
        109,
        "quic_transport_parameters");
  }

  @Test
  void oldTls() {
    assertAlert(changed(1, HelloBytes::withSessionId).server, 47, "compatibility mode");
    assertAlert(changed(1, hello -> HelloBytes.without(hello, 43)).server, 70, "TLS 1.3");
  }

  @Test
  void rsaPkcs1InCertificateVerify() {
    assertAlert(
        changed(
                15,
                verify -> {
                  verify[4] = 4;
                  verify[5] = 1;
                  return verify;
                })
            .client,
        47,
        "PKCS#1");
  }

  @Test
  void forgedCertificateLength() {
    assertAlert(
        changed(
                11,
                certificate -> {
                  certificate[5] = (byte) 0xff;
                  return certificate;
                })
            .client,
        50,
        "Certificate");
    assertAlert(
        changed(
                11,
                certificate -> {
                  certificate[8] = (byte) 0xff;
                  return certificate;
                })
            .client,
        50,
        "Certificate");
    assertAlert(
        changed(
                11,
                certificate -> {
                  certificate[12] = (byte) 0xff;
                  return certificate;
                })
            .client,
        42,
        "");
  }

  @Test
  void secondClientHelloMustBeTheSame() {
    int[] hellos = {0};
    EnginePair pair =
        new EnginePair(
                TestCertificates.client(),
                TestCertificates.serverConfig().withGroups(List.of(TlsGroup.SECP256R1)),
                Integer.MAX_VALUE,
                crypto -> {
                  if (crypto.bytes()[0] != 1 || ++hellos[0] == 1) {
                    return List.of(crypto);
                  }
                  byte[] other = HelloBytes.without(crypto.bytes(), 0);
                  return List.of(new TlsEvent.Crypto(crypto.level(), other));
                })
            .run();
    assertAlert(pair.server, 47, "second ClientHello");
  }

  @Test
  void levels() {
    TlsEngine server = TlsEngines.server(TestCertificates.serverConfig());
    server.start();
    server.receive(CryptoLevel.HANDSHAKE, new byte[] {1}, 0, 1);
    assertThat(server.drain()).singleElement().isInstanceOf(TlsEvent.Alert.class);

    // A message that hangs over a key change.
    assertAlert(
        changed(
                2,
                hello -> {
                  byte[] longer = new byte[hello.length + 1];
                  System.arraycopy(hello, 0, longer, 0, hello.length);
                  return longer;
                })
            .client,
        10,
        "key change");
  }

  @Test
  void twoClientHellos() {
    assertAlert(
        changed(
                1,
                hello -> {
                  byte[] twice = new byte[hello.length * 2];
                  System.arraycopy(hello, 0, twice, 0, hello.length);
                  System.arraycopy(hello, 0, twice, hello.length, hello.length);
                  return twice;
                })
            .server,
        10,
        "more behind its ClientHello");
  }

  @Test
  void tooLong() {
    TlsEngine server = TlsEngines.server(TestCertificates.serverConfig());
    server.start();
    server.receive(CryptoLevel.INITIAL, new byte[] {1, 1, 0, 1}, 0, 4);
    assertThat(server.drain())
        .singleElement()
        .isEqualTo(new TlsEvent.Alert(47, "the peer sent a handshake message above 64 KiB"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 8, 13, 20, 24, 99})
  void afterTheHandshake(int type) {
    EnginePair pair = pair(TestCertificates.client(), TestCertificates.serverConfig());
    byte[] message = {(byte) type, 0, 0, 1, 0};
    for (EnginePair.End end : List.of(pair.client, pair.server)) {
      assertThat(end.engine.isComplete()).isTrue();
      end.engine.receive(CryptoLevel.APP, message, 0, message.length);
      assertThat(end.engine.drain())
          .singleElement()
          .matches(e -> e instanceof TlsEvent.Alert alert && alert.alert() == 10);
    }
  }

  @Test
  void endOfEarlyData() {
    EnginePair pair = changed(20, finished -> new byte[] {5, 0, 0, 0});
    assertThat(pair.client.alert()).isNotNull();
    EnginePair toServer =
        new EnginePair(
                TestCertificates.client(),
                TestCertificates.serverConfig(),
                Integer.MAX_VALUE,
                new EndOfEarlyDataBeforeClientFinished()::apply)
            .run();
    assertAlert(toServer.server, 10, "EndOfEarlyData");
  }

  /** The second Finished on the wire is the client's. */
  private static final class EndOfEarlyDataBeforeClientFinished {
    private int seen;

    List<TlsEvent.Crypto> apply(TlsEvent.Crypto crypto) {
      if (crypto.bytes()[0] == 20 && ++seen == 2) {
        return List.of(new TlsEvent.Crypto(crypto.level(), new byte[] {5, 0, 0, 0}), crypto);
      }
      return List.of(crypto);
    }
  }

  @Test
  void ticketsAreHandedOver() {
    EnginePair pair = pair(TestCertificates.client(), TestCertificates.serverConfig());
    byte[] ticket = {4, 0, 0, 3, 1, 2, 3};
    pair.client.engine.receive(CryptoLevel.APP, ticket, 0, ticket.length);
    assertThat(pair.client.engine.drain())
        .singleElement()
        .matches(e -> e instanceof TlsEvent.Ticket t && t.raw().length == ticket.length);
    assertThat(pair.client.engine.isComplete()).isTrue();
  }

  @Test
  void messagesAboveARecord() throws CredentialException {
    List<String> names = new ArrayList<>(List.of(TestCertificates.HOST));
    for (int i = 0; i < 1000; i++) {
      names.add("a-name-that-fills-the-certificate-" + i + ".test");
    }
    Credentials big = TestCertificates.CA.server(KeyKind.P256, names);
    for (int piece : new int[] {Integer.MAX_VALUE, 1000}) {
      EnginePair pair =
          new EnginePair(
                  TestCertificates.client(), TestCertificates.serverConfig(big), piece, List::of)
              .run();
      assertThat(pair.client.alert()).isNull();
      assertThat(pair.bothComplete()).isTrue();
      assertThat(pair.secretsAgree()).isTrue();
      assertThat(
              pair.client
                  .first(TlsEvent.Complete.class)
                  .outcome()
                  .peerCertificates()
                  .getFirst()
                  .length)
          .isGreaterThan(1 << 15);
    }
  }
}
