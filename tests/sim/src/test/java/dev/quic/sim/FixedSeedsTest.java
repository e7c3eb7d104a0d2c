package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.TransferRun;
import org.junit.jupiter.api.Test;

/**
 * Seeds that failed once, each with the reason. The networks are written out, since what a seed
 * means changes with the generator.
 */
class FixedSeedsTest {
  private static final long BYTES = 1 << 20;
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final int MTU = 1_472;

  private static TransferRun run(long seed, Network network) {
    TransferRun run = new TransferRun(seed, network, BYTES, IDLE, null);
    assertThat(run.run()).isEmpty();
    return run;
  }

  private static TransferRun run(long seed) {
    TransferRun run = new TransferRun(seed, BYTES, IDLE, null);
    assertThat(run.run()).isEmpty();
    return run;
  }

  /**
   * The server had used up its amplification limit but for a few bytes, and its pacing timer asked
   * to be called every nanosecond.
   */
  @Test
  void seed5PacingTimerAtTheAmplificationLimit() {
    assertThat(run(5).pair().sim().rounds()).isLessThan(50_000);
    assertThat(run(108).pair().sim().rounds()).isLessThan(50_000);
  }

  /**
   * The client's Finished was lost twice while 1-RTT packets, which no timer watches before the
   * handshake is confirmed, filled the congestion window.
   */
  @Test
  void seed28FinishedBehindAFullWindow() {
    run(28);
  }

  /**
   * The ServerHello was lost while probes of the Handshake space filled the congestion window; only
   * that space was probed again, for ever.
   */
  @Test
  void seed82ServerHelloBehindHandshakeProbes() {
    run(82);
  }

  @Test
  void aPlainNetworkStaysPlain() {
    run(1, new Network(20 * Sim.MILLIS, 0, 0, 1, 0, 0, 0, 0, MTU));
  }
}
