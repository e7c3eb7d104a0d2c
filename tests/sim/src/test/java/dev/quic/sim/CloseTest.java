package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.api.Test;

/** How connections end: orderly, by silence, and towards a peer that is gone. */
class CloseTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final Network CLEAN = Network.clean(20 * Sim.MILLIS);

  private static Peer established(Scenario s) {
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 10_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    // Let the last acknowledgements arrive.
    s.sim().runFor(Sim.SECONDS);
    return client;
  }

  @Test
  void anOrderlyCloseReachesThePeerAndLeavesNothing() {
    Scenario s = new Scenario(CLEAN);
    Peer client = established(s);
    long start = s.sim().now();
    client.close(start);
    s.pair.client().kick();
    s.sim().run(() -> s.server().over(), Sim.MINUTES);
    assertThat(s.sim().now() - start).isEqualTo(20 * Sim.MILLIS);
    assertThat(s.server().sock().state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);

    s.pair.closeServer();
    s.sim().run(s.pair::empty, Sim.MINUTES);
    assertThat(s.pair.empty()).isTrue();
    // RFC 9000 section 10.2: three probe timeouts.
    assertThat(s.sim().now() - start).isLessThan(2 * Sim.SECONDS);
    assertThat(s.pair.client().boundPorts()).isZero();
    assertThat(s.pair.server().boundPorts()).isZero();
  }

  /** RFC 9000 section 10.1: a second of silence means nothing where an answer takes longer. */
  @Test
  void theIdleTimeoutIsAtLeastThreeProbeTimeouts() {
    Scenario s = new Scenario(Network.clean(400 * Sim.MILLIS));
    s.listen(TlsScript.plain(), Sim.SECONDS, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), Sim.SECONDS, 1, 1_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.toServer = d -> false;
    s.toClient = d -> false;
    long start = s.sim().now();
    s.sim().run(client::over, Sim.MINUTES);
    assertThat(client.over()).isTrue();
    assertThat(s.sim().now() - start).isGreaterThan(3 * 800 * Sim.MILLIS);
  }

  @Test
  void aLostCloseIsRepeatedWhenThePeerGoesOn() {
    Scenario s = new Scenario(CLEAN);
    s.listen(TlsScript.plain(), IDLE, 1, 4_000_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 4_000_000);
    s.sim().run(() -> client.transfer().received() > 500_000, Sim.MINUTES);
    int[] lost = {0};
    s.toServer = d -> lost[0]++ > 0;
    client.close(s.sim().now());
    s.pair.client().kick();
    s.sim().run(() -> s.server().over(), 5 * Sim.SECONDS);
    // RFC 9000 section 10.2.1: the closing side answers what still comes.
    assertThat(lost[0]).isGreaterThan(1);
    assertThat(s.server().over()).isTrue();
  }

  @Test
  void closingAnswersAreRareHoweverMuchComes() {
    Scenario s = new Scenario(CLEAN);
    s.listen(TlsScript.plain(), IDLE, 1, 4_000_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 4_000_000);
    s.sim().run(() -> client.transfer().received() > 500_000, Sim.MINUTES);
    s.toServer = d -> false;
    long before = s.pair.client().sentBytes();
    long heard = s.pair.client().receivedDatagrams();
    client.close(s.sim().now());
    s.pair.client().kick();
    s.sim().runFor(2 * Sim.SECONDS);
    assertThat(s.pair.client().receivedDatagrams() - heard).isGreaterThan(4);
    assertThat(s.pair.client().sentBytes() - before).isLessThan(20 * 200L);
  }

  @Test
  void silenceEndsWithTheIdleTimeoutAndWithoutAWord() {
    Scenario s = new Scenario(CLEAN);
    Peer client = established(s);
    long quiet = s.sim().now();
    int there = s.datagramsToServer;
    int back = s.datagramsToClient;
    s.sim().run(() -> client.over() && s.server().over(), 5 * Sim.MINUTES);
    assertThat(s.sim().now() - quiet).isBetween(IDLE - 2 * Sim.SECONDS, IDLE + Sim.SECONDS);
    // RFC 9000 section 10.1: silently.
    assertThat(s.datagramsToServer).isEqualTo(there);
    assertThat(s.datagramsToClient).isEqualTo(back);
    client.close(s.sim().now());
    s.pair.client().kick();
    s.pair.closeServer();
    s.sim().runFor(Sim.SECONDS);
    assertThat(s.pair.empty()).isTrue();
  }

  @Test
  void theShorterIdleTimeoutCounts() {
    Scenario s = new Scenario(CLEAN);
    s.listen(TlsScript.plain(), 60 * Sim.MINUTES, 1, 10_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 10_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.sim().run(() -> s.server().over(), 60 * Sim.MINUTES);
    assertThat(s.sim().now() - Sim.START).isBetween(IDLE, IDLE + 5 * Sim.SECONDS);
  }

  @Test
  void aCloseWhileTheHandshakeGoesOnReachesTheServer() {
    Scenario s = new Scenario(CLEAN);
    s.listen(TlsScript.plain().withFlight(20_000), IDLE, 1, 1);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1);
    s.sim().run(() -> s.datagramsToClient > 2, Sim.MINUTES);
    s.sim().runFor(25 * Sim.MILLIS);
    client.close(s.sim().now());
    s.pair.client().kick();
    long start = s.sim().now();
    assertThat(s.sim().run(() -> s.server().over(), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    assertThat(s.sim().now() - start).isLessThan(5 * Sim.SECONDS);
  }
}
