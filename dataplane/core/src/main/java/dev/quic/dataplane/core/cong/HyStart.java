package dev.quic.dataplane.core.cong;

/**
 * Finds the end of slow start by growing delay, before queues overflow (RFC 9406). A round lasts
 * until something is acknowledged that was sent after its start.
 */
final class HyStart {
  /** RFC 9406 section 4.3, all names and values. */
  private static final long MIN_RTT_THRESH = 4_000_000;

  private static final long MAX_RTT_THRESH = 16_000_000;
  private static final int MIN_RTT_DIVISOR = 8;
  private static final int N_RTT_SAMPLE = 8;
  private static final int CSS_GROWTH_DIVISOR = 4;
  private static final int CSS_ROUNDS = 5;

  private static final long NONE = Long.MAX_VALUE;

  private long roundStart;
  private boolean started;
  private long lastRoundMin;
  private long currentMin;
  private int samples;

  // Conservative slow start: since which delay, and for how many rounds.
  private long baseline;
  private int cssRounds;
  private boolean over;

  HyStart() {
    restart();
  }

  void restart() {
    started = false;
    lastRoundMin = NONE;
    currentMin = NONE;
    samples = 0;
    baseline = NONE;
    cssRounds = 0;
    over = false;
  }

  /** Whether slow start is to end. */
  boolean isOver() {
    return over;
  }

  /**
   * Bytes the window grows by. No limit per acknowledgement: we pace (RFC 9406 section 4.3, L).
   *
   * @param rtt latest sample, ns
   */
  long growth(long now, long sentTime, long bytes, long rtt) {
    if (!started || sentTime >= roundStart) {
      nextRound(now);
    }
    currentMin = Math.min(currentMin, rtt);
    samples++;
    if (samples >= N_RTT_SAMPLE && currentMin != NONE) {
      judge();
    }
    return baseline == NONE ? bytes : bytes / CSS_GROWTH_DIVISOR;
  }

  private void nextRound(long now) {
    started = true;
    roundStart = now;
    lastRoundMin = currentMin;
    currentMin = NONE;
    samples = 0;
    if (baseline != NONE && ++cssRounds >= CSS_ROUNDS) {
      over = true;
    }
  }

  private void judge() {
    if (baseline != NONE) {
      if (currentMin < baseline) {
        // The delay went back: it was not the queue. Slow start goes on.
        baseline = NONE;
        cssRounds = 0;
      }
      return;
    }
    if (lastRoundMin == NONE) {
      return;
    }
    long threshold =
        Math.max(MIN_RTT_THRESH, Math.min(lastRoundMin / MIN_RTT_DIVISOR, MAX_RTT_THRESH));
    if (currentMin >= lastRoundMin + threshold) {
      baseline = currentMin;
      cssRounds = 0;
    }
  }
}
