package dev.quic.sim;

import dev.quic.simnet.Sim;
import dev.quic.simnet.TransferRun;
import org.junit.jupiter.api.Test;

/** 1 MiB each way through whatever network a seed comes up with. */
class LossySeedsTest {
  private static final int SEEDS = 1_000;
  private static final long BYTES = 1 << 20;
  private static final long IDLE = 10 * Sim.MINUTES;

  @Test
  void everyByteArrives() throws Exception {
    Seeds.run(LossySeedsTest.class, SEEDS, seed -> new TransferRun(seed, BYTES, IDLE, null).run());
  }
}
