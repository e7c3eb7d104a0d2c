package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Sim;
import org.junit.jupiter.api.Test;

/** What connections cost that do nothing: little memory, no work at all, and nothing afterwards. */
class IdleConnectionsTest {
  private static final int CONNECTIONS = Integer.getInteger("sim.idle", 2_000);
  private static final int WARM = 100;
  private static final int PORTS = 16;

  /** Live bytes of one established connection, both ends together. */
  private static final long BOTH_ENDS = 29_000;

  /** What may stay of all connections when they are over, bytes. */
  private static final long REST = 2 << 20;

  @Test
  void idleConnectionsAreSmallAndQuiet() {
    IdleWorld w = new IdleWorld(10 * Sim.MINUTES, PORTS);
    for (int i = 0; i < WARM; i++) {
      w.connect(i);
    }
    w.pass(Sim.MINUTES);
    long before = Heap.live();
    for (int i = 0; i < CONNECTIONS; i++) {
      w.connect(i);
    }
    w.pass(Sim.MINUTES);
    assertThat(w.pass(5 * Sim.MINUTES)).as("turns in five minutes").isZero();
    assertThat(w.server.socks()).isEqualTo(WARM + CONNECTIONS + 1);
    assertThat((Heap.live() - before) / CONNECTIONS)
        .as("bytes of a connection, both ends")
        .isLessThan(BOTH_ENDS);
    // The idle timeout ends all of them, without a packet.
    long turns = w.pass(10 * Sim.MINUTES);
    assertThat(turns).isLessThan(3L * (WARM + CONNECTIONS));
    w.closeAll();
    assertThat(w.server.socks()).isZero();
    assertThat(w.client.socks()).isZero();
    assertThat(Heap.live() - before).as("left of them").isLessThan(REST);
  }
}
