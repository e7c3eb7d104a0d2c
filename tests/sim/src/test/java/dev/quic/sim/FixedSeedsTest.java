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

  /**
   * The server had used up its amplification limit but for a few bytes, and its pacing timer asked
   * to be called every nanosecond.
   */
  @Test
  void seed5PacingTimerAtTheAmplificationLimit() {
    Network five =
        new Network(
            16_938_172, 10_367_596, 0.07612178552372431, 1, 0.04264513390652735, 0, 0, 0, MTU);
    assertThat(run(5, five).pair().sim().rounds()).isLessThan(50_000);
    Network other =
        new Network(128_685_495, 0, 0.08268293702388269, 1, 0.09302084789900264, 0, 0, 0, MTU);
    assertThat(run(174, other).pair().sim().rounds()).isLessThan(50_000);
  }

  /**
   * The client's Finished was lost twice while 1-RTT packets, which no timer watches before the
   * handshake is confirmed, filled the congestion window.
   */
  @Test
  void seed28FinishedBehindAFullWindow() {
    double loss = 0.10729836305157087;
    double twice = 0.09615000790893898;
    run(28, new Network(64_046_043, 0, loss, 1, twice, 0.015636943955514317, 0, 0, MTU));
  }

  /**
   * The ServerHello was lost while probes of the Handshake space filled the congestion window; only
   * that space was probed again, for ever.
   */
  @Test
  void seed82ServerHelloBehindHandshakeProbes() {
    double loss = 0.1685754273665736;
    double twice = 0.048123979354439544;
    run(82, new Network(8_606_053, 0, loss, 1, twice, 0, 32_000_000, 54_818, MTU));
  }
}
