package dev.quic.bench.load;

import java.util.Arrays;
import java.util.stream.LongStream;

/** The last durations of one worker. Any thread. */
final class Times {
  /** More than one worker has in a round. */
  private static final int MAX = 1 << 16;

  private long[] nanos = new long[1024];
  private int count;

  synchronized void add(long duration) {
    if (count == MAX) {
      return;
    }
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = duration;
  }

  synchronized void reset() {
    count = 0;
  }

  synchronized LongStream sorted() {
    return Arrays.stream(Arrays.copyOf(nanos, count)).sorted();
  }
}
