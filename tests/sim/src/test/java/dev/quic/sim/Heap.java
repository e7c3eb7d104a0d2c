package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;

/** The live heap before and after an attack. */
final class Heap {
  /** What an attack may make the live heap grow by, bytes. */
  static final long BOUND = 16L << 20;

  private final long before = live();

  /** Live bytes now. */
  static long live() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  void assertBounded() {
    assertBelow(BOUND);
  }

  void assertBelow(long bytes) {
    assertThat(live() - before).as("growth of the live heap").isLessThan(bytes);
  }
}
