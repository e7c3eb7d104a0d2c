package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.TransferRun;
import dev.quic.simnet.node.Blackhole;
import dev.quic.simnet.node.EcnMark;
import dev.quic.simnet.node.Nat;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks with one peculiarity each. */
class NetworkTest {
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final long MIB = 1 << 20;

  private static Peer transfer(Scenario s, long bytes) {
    s.listen(TlsScript.plain(), IDLE, 1, bytes);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, bytes);
    Sim.End end = s.sim().run(() -> s.finished(client) || client.over(), 60 * Sim.MINUTES);
    assertThat(s.finished(client)).as("%s: %s; %s", end, client, s.pair.accepted()).isTrue();
    return client;
  }

  /** Five seconds on, two seconds off, as in the interop runner's blackhole case. */
  @Test
  void blackholesAreSurvived() {
    long on = 5 * Sim.SECONDS;
    long off = 2 * Sim.SECONDS;
    Network slow = Network.clean(15 * Sim.MILLIS).withRate(10_000_000, 37_500);
    Scenario s =
        new Scenario(
            slow,
            List.of(new Blackhole(Sim.START, on, off)),
            List.of(new Blackhole(Sim.START, on, off)));
    transfer(s, 10 * MIB);
    // 10 MiB each way at 10 Mbit/s last 9 s; the holes may cost some more than themselves.
    assertThat(s.sim().now() - Sim.START).isLessThan(40 * Sim.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1_200, 1_252, 1_350, 1_452})
  void narrowPathsAreSurvived(int mtu) {
    Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS).withMtu(mtu));
    transfer(s, MIB);
  }

  @Test
  void aFastPathIsFilled() {
    // 100 Mbit/s, 20 ms round trip, a queue of the product of both.
    Network link = Network.clean(10 * Sim.MILLIS).withRate(100_000_000, 250_000);
    Scenario s = new Scenario(link);
    transfer(s, 20 * MIB);
    double seconds = (s.sim().now() - Sim.START) / 1e9;
    assertThat(20 * MIB * 8 / seconds / 1e6).as("Mbit/s").isGreaterThan(70);
  }

  @Test
  void aCleanPathIsSentInBatches() {
    Scenario s = new Scenario(Network.clean(10 * Sim.MILLIS));
    transfer(s, 20 * MIB);
    double perBatch = (double) s.datagramsToServer / s.pair.client().sentBatches();
    assertThat(perBatch).as("datagrams a batch").isGreaterThan(2);
  }

  @ParameterizedTest
  @ValueSource(longs = {300, 1_000, 5_000})
  void aRebindingNatIsSurvived(long periodMillis) {
    SockAddr outside = SockAddr.v4(0xc6336401, 0);
    Nat nat = new Nat(outside, Sim.START, periodMillis * Sim.MILLIS);
    Network slow = Network.clean(20 * Sim.MILLIS).withRate(8_000_000, 60_000);
    Scenario s = new Scenario(slow, List.of(nat.outbound()), List.of(nat.inbound()));
    transfer(s, 6 * MIB);
    assertThat(nat.rebinds()).isPositive();
  }

  @Test
  void congestionMarksSlowDown() {
    SplittableRandom r = new SplittableRandom(1);
    Network link = Network.clean(20 * Sim.MILLIS);
    Scenario s =
        new Scenario(
            link, List.of(new EcnMark(0.05, r.split())), List.of(new EcnMark(0.05, r.split())));
    transfer(s, MIB);
  }

  @Test
  void sixSecondsOfRoundTripAreJustTime() {
    // Handshake timers must not give up.
    Network moon = Network.clean(3 * Sim.SECONDS);
    Scenario s = new Scenario(moon);
    transfer(s, 100_000);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        QuicUapi.QUIC_CONG_ALG_RENO,
        QuicUapi.QUIC_CONG_ALG_CUBIC,
        QuicUapi.QUIC_CONG_ALG_BBR
      })
  void aMebibyteGoesThroughThirtyPercentLoss(int algorithm) {
    Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS).withLoss(0.3));
    s.pair.congestionControl(algorithm);
    transfer(s, MIB);
    double seconds = (s.sim().now() - Sim.START) / 1e9;
    System.out.printf("controller %d: 1 MiB each way in %.1f s%n", algorithm, seconds);
    assertThat(seconds).isLessThan(300);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.4})
  void heavyLossOnlyTakesTime(double loss) {
    Network bad = Network.clean(20 * Sim.MILLIS).withLoss(loss);
    TransferRun run = new TransferRun(Scenario.SEED, bad, 100_000, IDLE, null);
    assertThat(run.run()).isEmpty();
  }
}
