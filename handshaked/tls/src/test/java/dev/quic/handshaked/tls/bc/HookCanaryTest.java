package dev.quic.handshaked.tls.bc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.TestCertificates;
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

    assertThat(fired).containsExactlyInAnyOrder(Hook.values());
  }
}
