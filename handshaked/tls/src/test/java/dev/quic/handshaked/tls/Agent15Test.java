package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.kwik.agent15.TlsConstants.CipherSuite;
import tech.kwik.agent15.TlsConstants.NamedGroup;
import tech.kwik.agent15.engine.TlsServerEngineFactory;

/**
 * Both roles against an unrelated implementation. Its server asks nobody for a certificate, neither
 * of its roles knows a HelloRetryRequest, and its pre-shared keys are those of tickets: for these
 * there is GnuTLS.
 */
class Agent15Test {
  private static final CipherSuite SUITE = CipherSuite.TLS_AES_128_GCM_SHA256;

  @ParameterizedTest
  @CsvSource({
    "secp256r1, TLS_AES_128_GCM_SHA256,       P256,    false",
    "x25519,    TLS_AES_128_GCM_SHA256,       P256,    false",
    "secp256r1, TLS_AES_128_GCM_SHA256,       P384,    false",
    "x25519,    TLS_AES_256_GCM_SHA384,       RSA2048, false",
    "x25519,    TLS_CHACHA20_POLY1305_SHA256, P256,    false",
    "x25519,    TLS_AES_128_GCM_SHA256,       P256,    true",
  })
  void agent15Client(NamedGroup group, CipherSuite suite, KeyKind kind, boolean certificate) {
    Credentials own = certificate ? TestCertificates.CLIENT : null;
    TlsConfig.Server config = TestCertificates.serverConfig(TestCertificates.server(kind));
    if (certificate) {
      config = config.withClientAuth(TlsConfig.ClientAuth.REQUIRE, TestCertificates.TRUST);
    }
    EnginePair pair =
        new EnginePair(
                Agent15Engine.client(group, suite, own),
                TlsEngines.server(config),
                Integer.MAX_VALUE,
                List::of)
            .run();
    check(pair);
    assertThat(pair.server.first(TlsEvent.Complete.class).outcome().peerCertificates())
        .hasSize(certificate ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "X25519,    TLS_AES_128_GCM_SHA256,       P256",
    "SECP256R1, TLS_AES_128_GCM_SHA256,       P256",
    "X25519,    TLS_AES_128_GCM_SHA256,       RSA2048",
    "X25519,    TLS_AES_256_GCM_SHA384,       P256",
    "X25519,    TLS_CHACHA20_POLY1305_SHA256, P256",
  })
  void agent15Server(TlsGroup group, CipherSuite suite, KeyKind kind) {
    EnginePair pair =
        new EnginePair(
                TlsEngines.client(
                    TestCertificates.client().withGroups(List.of(group)),
                    EnginePair.clientParameters()),
                Agent15Engine.server(TestCertificates.server(kind), suite),
                Integer.MAX_VALUE,
                List::of)
            .run();
    check(pair);
    assertThat(pair.client.first(TlsEvent.Complete.class).outcome().alpn()).isEqualTo("sample");
  }

  @ParameterizedTest
  @EnumSource(
      value = CipherSuite.class,
      names = {"TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"})
  void agent15ClientResumes(CipherSuite suite) {
    TlsConfig.Server config =
        TestCertificates.serverConfig()
            .withTickets(
                TicketIssuer.of(
                    RotatingTicketKeys.random(TestCertificates.CLOCK, Duration.ofHours(1)),
                    Duration.ofHours(1)));
    Agent15Engine first = Agent15Engine.client(NamedGroup.x25519, suite, null);
    check(new EnginePair(first, TlsEngines.server(config), Integer.MAX_VALUE, List::of).run());
    Agent15Engine second =
        Agent15Engine.client(NamedGroup.x25519, suite, null).resuming(first.ticket());
    EnginePair pair =
        new EnginePair(second, TlsEngines.server(config), Integer.MAX_VALUE, List::of).run();
    check(pair);
    assertThat(pair.server.outcome().resumed()).isTrue();
    assertThat(pair.server.sent(11)).as("no Certificate message").isFalse();
  }

  @Test
  void agent15ServerResumes() throws Exception {
    TlsServerEngineFactory factory = Agent15Engine.factory(TestCertificates.SERVER);
    TlsConfig.Client config = TestCertificates.client();
    EnginePair first =
        new EnginePair(
                TlsEngines.client(config, EnginePair.clientParameters()),
                Agent15Engine.server(factory, SUITE),
                Integer.MAX_VALUE,
                List::of)
            .run();
    check(first);
    EnginePair pair =
        new EnginePair(
                TlsEngines.client(
                    config.withSession(first.session()), EnginePair.clientParameters()),
                Agent15Engine.server(factory, SUITE),
                Integer.MAX_VALUE,
                List::of)
            .run();
    check(pair);
    assertThat(pair.client.outcome().resumed()).isTrue();
    assertThat(pair.server.sent(11)).as("no Certificate message").isFalse();
  }

  private static TlsConfig.Server early() {
    return TestCertificates.serverConfig()
        .withTickets(
            TicketIssuer.of(
                RotatingTicketKeys.random(TestCertificates.CLOCK, Duration.ofHours(1)),
                Duration.ofHours(1)))
        .withEarlyData(new StrikeRegister(Duration.ofSeconds(10), 100));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void agent15ClientSendsEarlyData(boolean taken) {
    TlsConfig.Server config = early();
    Agent15Engine first = Agent15Engine.client(NamedGroup.x25519, SUITE, null);
    check(new EnginePair(first, TlsEngines.server(config), Integer.MAX_VALUE, List::of).run());
    assertThat(first.ticket().hasEarlyDataExtension()).isTrue();
    Agent15Engine second =
        Agent15Engine.client(NamedGroup.x25519, SUITE, null)
            .resuming(first.ticket())
            .withEarlyData();
    // A register of another daemon cannot know what this one has seen.
    TlsConfig.Server next =
        taken ? config : config.withEarlyData(new StrikeRegister(Duration.ofSeconds(10), 100));
    EnginePair pair =
        new EnginePair(second, TlsEngines.server(next), Integer.MAX_VALUE, List::of).run();
    check(pair);
    assertThat(pair.server.outcome().resumed()).isTrue();
    assertThat(second.earlyAccepted()).isEqualTo(taken);
    assertEarly(pair, taken);
    assertThat(pair.server.outcome().earlyData()).isEqualTo(taken);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void agent15ServerTakesEarlyData(boolean taken) throws Exception {
    TlsServerEngineFactory factory = Agent15Engine.factory(TestCertificates.SERVER);
    TlsConfig.Client config = TestCertificates.client().withEarlyData(true);
    EnginePair first =
        new EnginePair(
                TlsEngines.client(config, EnginePair.clientParameters()),
                Agent15Engine.server(factory, SUITE),
                Integer.MAX_VALUE,
                List::of)
            .run();
    check(first);
    Agent15Engine server = Agent15Engine.server(factory, SUITE);
    EnginePair pair =
        new EnginePair(
                TlsEngines.client(
                    config.withSession(first.session()), EnginePair.clientParameters()),
                taken ? server.withEarlyData() : server,
                Integer.MAX_VALUE,
                List::of)
            .run();
    check(pair);
    assertThat(pair.client.outcome().resumed()).isTrue();
    assertThat(pair.client.first(TlsEvent.EarlyData.class).accepted()).isEqualTo(taken);
    assertEarly(pair, taken);
    assertThat(pair.client.outcome().earlyData()).isEqualTo(taken);
  }

  private static void assertEarly(EnginePair pair, boolean taken) {
    String sent = pair.client.secrets.get("EARLY send");
    assertThat(sent).isNotNull();
    assertThat(pair.server.secrets.get("EARLY recv")).isEqualTo(taken ? sent : null);
  }

  /** Our server asks for a share of another group; agent15's client cannot give it. */
  @Test
  void agent15ClientIsAskedForAnotherGroup() {
    EnginePair pair =
        new EnginePair(
                Agent15Engine.client(NamedGroup.x25519, SUITE, null),
                TlsEngines.server(
                    TestCertificates.serverConfig().withGroups(List.of(TlsGroup.SECP384R1))),
                Integer.MAX_VALUE,
                List::of)
            .run();
    assertThat(pair.bothComplete()).isFalse();
    assertThat(pair.server.secrets).isEmpty();
  }

  /** Our client would give one; agent15's server does not ask. */
  @Test
  void agent15ServerDoesNotAskForAnotherGroup() {
    EnginePair pair =
        new EnginePair(
                TlsEngines.client(
                    TestCertificates.client()
                        .withGroups(List.of(TlsGroup.SECP384R1, TlsGroup.X25519)),
                    EnginePair.clientParameters()),
                Agent15Engine.server(TestCertificates.SERVER, SUITE),
                Integer.MAX_VALUE,
                List::of)
            .run();
    assertThat(pair.bothComplete()).isFalse();
    assertThat(pair.server.alert()).isNotNull();
    assertThat(pair.client.secrets).isEmpty();
  }

  private static void check(EnginePair pair) {
    assertThat(pair.client.alert()).isNull();
    assertThat(pair.server.alert()).isNull();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.secretsAgree()).isTrue();
    assertThat(pair.client.first(TlsEvent.PeerTransportParameters.class).body())
        .isEqualTo(EnginePair.serverParameters());
    assertThat(pair.server.first(TlsEvent.PeerTransportParameters.class).body())
        .isEqualTo(EnginePair.clientParameters());
  }
}
