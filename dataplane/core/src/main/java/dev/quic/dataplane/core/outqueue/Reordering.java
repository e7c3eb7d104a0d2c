package dev.quic.dataplane.core.outqueue;

/**
 * How much reordering loss detection puts up with (RFC 9002 sections 6.1.1 and 6.1.2): the
 * thresholds of the RFC, raised as far as packets were seen to come late, and back after 16
 * recovery periods in which none did (as RFC 8985 section 6.2 does).
 */
final class Reordering {
  private static final int PACKETS = 3;

  /** Time tells the losses then anyway. */
  private static final int MOST_PACKETS = 1_024;

  private static final int MOST_STEPS = 3;
  private static final int PERIODS = 16;

  private int packets = PACKETS;
  private int steps;
  private int calm;

  /** Packets acknowledged after one that make it lost. */
  int packets() {
    return packets;
  }

  /**
   * The time threshold.
   *
   * @param delay 9/8 of the round trip, ns
   * @return up to twice the round trip
   */
  long delay(long delay) {
    return delay + delay / 9 * ((1 << steps) - 1);
  }

  /** A packet given up came after all. */
  void onLate(long distance, boolean byTime) {
    packets = (int) Math.min(Math.max(packets, distance + 1), MOST_PACKETS);
    if (byTime) {
      steps = Math.min(steps + 1, MOST_STEPS);
    }
    calm = 0;
  }

  /** A recovery period begins. */
  void onPeriod() {
    if (++calm > PERIODS) {
      reset();
    }
  }

  /** Another path. */
  void reset() {
    packets = PACKETS;
    steps = 0;
    calm = 0;
  }
}
