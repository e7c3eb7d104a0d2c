package dev.quic.dataplane.core.cong;

/**
 * The largest value of a sliding window of virtual time, by the three best values of it, each later
 * than the one before (Kathleen Nichols' filter): constant space, never too low.
 */
final class MaxFilter {
  private final long window;
  private final long[] value = new long[3];
  private final long[] time = new long[3];

  /**
   * @param window length, in the caller's units of time
   */
  MaxFilter(long window) {
    this.window = window;
  }

  long max() {
    return value[0];
  }

  void reset() {
    set(0, 0, 0);
  }

  private void set(int from, long v, long t) {
    for (int i = from; i < value.length; i++) {
      value[i] = v;
      time[i] = t;
    }
  }

  /** Takes a value at a time not before the last one's. */
  void update(long v, long t) {
    if (v >= value[0] || t - time[2] > window) {
      set(0, v, t);
      return;
    }
    if (v >= value[1]) {
      set(1, v, t);
    } else if (v >= value[2]) {
      set(2, v, t);
    }
    long age = t - time[0];
    if (age > window) {
      shift(v, t);
      if (t - time[0] > window) {
        shift(v, t);
      }
    } else if (time[1] == time[0] && age > window / 4) {
      set(1, v, t);
    } else if (time[2] == time[1] && age > window / 2) {
      set(2, v, t);
    }
  }

  private void shift(long v, long t) {
    value[0] = value[1];
    time[0] = time[1];
    value[1] = value[2];
    time[1] = time[2];
    value[2] = v;
    time[2] = t;
  }
}
