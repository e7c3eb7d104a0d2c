package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.TicketIssuer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tech.kwik.agent15.TlsConstants.CipherSuite;
import tech.kwik.agent15.TlsConstants.NamedGroup;
import tech.kwik.agent15.engine.TlsServerEngineFactory;

/** Both roles against an unrelated implementation. */
class Agent15Test {
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
    CipherSuite suite = CipherSuite.TLS_AES_128_GCM_SHA256;
    TlsServerEngineFactory factory = Agent15Engine.factory(TestCertificates.SERVER);
    TlsConfig.Client config = TestCertificates.client();
    EnginePair first =
        new EnginePair(
                TlsEngines.client(config, EnginePair.clientParameters()),
                Agent15Engine.server(factory, suite),
                Integer.MAX_VALUE,
                List::of)
            .run();
    check(first);
    EnginePair pair =
        new EnginePair(
                TlsEngines.client(
                    config.withSession(first.session()), EnginePair.clientParameters()),
                Agent15Engine.server(factory, suite),
                Integer.MAX_VALUE,
                List::of)
            .run();
    check(pair);
    assertThat(pair.client.outcome().resumed()).isTrue();
    assertThat(pair.server.sent(11)).as("no Certificate message").isFalse();
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
