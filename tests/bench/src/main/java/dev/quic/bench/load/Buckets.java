package dev.quic.bench.load;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts durations in buckets of a sixteenth of their size; no library, since consumers have the
 * data plane's class path only. Any thread.
 */
final class Buckets {
  private static final int FRACTION_BITS = 4;
  private static final int FRACTIONS = 1 << FRACTION_BITS;

  private final AtomicLongArray counts = new AtomicLongArray(Long.SIZE * FRACTIONS);

  void add(long nanos) {
    counts.incrementAndGet(index(Math.max(0, nanos)));
  }

  private static int index(long n) {
    if (n < FRACTIONS) {
      return (int) n;
    }
    int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(n) - FRACTION_BITS;
    return (exponent + 1) * FRACTIONS + (int) (n >>> exponent) - FRACTIONS;
  }

  /** The largest duration of a bucket. */
  private static long upper(int index) {
    if (index < FRACTIONS) {
      return index;
    }
    int exponent = index / FRACTIONS - 1;
    long least = (long) (FRACTIONS + index % FRACTIONS) << exponent;
    return least + (1L << exponent) - 1;
  }

  long total() {
    long sum = 0;
    for (int i = 0; i < counts.length(); i++) {
      sum += counts.get(i);
    }
    return sum;
  }

  /**
   * @return what so many percent do not exceed, at most a sixteenth too much; 0 for nothing counted
   */
  long percentile(int percent) {
    long wanted = (total() * percent + 99) / 100;
    long seen = 0;
    for (int i = 0; i < counts.length(); i++) {
      seen += counts.get(i);
      if (seen >= wanted && seen > 0) {
        return upper(i);
      }
    }
    return 0;
  }

  void reset() {
    for (int i = 0; i < counts.length(); i++) {
      counts.set(i, 0);
    }
  }
}
