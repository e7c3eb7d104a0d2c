package dev.quic.handshaked.tls.bc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Fails when a bctls upgrade moves a hook: every one must have been called. */
class HookCanaryTest {
  @Test
  void everyHookFires() {
    BcClientEngine client =
        new BcClientEngine(TestCertificates.client(), EnginePair.clientParameters());
    BcServerEngine server = new BcServerEngine(TestCertificates.serverConfig());
    EnginePair good = new EnginePair(client, server, Integer.MAX_VALUE, List::of).run();
    assertThat(good.bothComplete()).isTrue();
    assertThat(good.secretsAgree()).isTrue();

    Set<Hook> fired = EnumSet.copyOf(client.fired());
    fired.addAll(server.fired());

    BcClientEngine choosy =
        new BcClientEngine(
            TestCertificates.client().withPeerName("elsewhere.test"),
            EnginePair.clientParameters());
    new EnginePair(
            choosy,
            new BcServerEngine(TestCertificates.serverConfig()),
            Integer.MAX_VALUE,
            List::of)
        .run();
    fired.addAll(choosy.fired());

    fired.addAll(resumption());

    assertThat(fired).containsExactlyInAnyOrder(Hook.values());
  }

  /** The hooks of a resumption with early data. */
  private static Set<Hook> resumption() {
    TicketIssuer tickets =
        TicketIssuer.of(
            RotatingTicketKeys.random(TestCertificates.CLOCK, Duration.ofHours(1)),
            Duration.ofHours(1));
    TlsConfig.Server config =
        TestCertificates.serverConfig()
            .withTickets(tickets)
            .withEarlyData(new StrikeRegister(Duration.ofSeconds(10), 10));
    TlsSession session = new EnginePair(TestCertificates.client(), config).run().session();
    BcClientEngine client =
        new BcClientEngine(
            TestCertificates.client().withSession(session).withEarlyData(true),
            EnginePair.clientParameters());
    BcServerEngine server = new BcServerEngine(config);
    EnginePair pair = new EnginePair(client, server, Integer.MAX_VALUE, List::of).run();
    assertThat(pair.client.outcome().earlyData()).isTrue();
    Set<Hook> fired = EnumSet.copyOf(client.fired());
    fired.addAll(server.fired());
    return fired;
  }
}
