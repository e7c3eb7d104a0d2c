package dev.quic.dataplane.core.outqueue;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.frame.Frame;
import java.util.Arrays;

/**
 * The packets that were declared lost in the present recovery period, so that an acknowledgement
 * that comes after all shows: then it was reordering, and when all of them come the period was for
 * nothing. A period that loses more than {@link Limits#LOST_REMEMBERED} is not watched.
 */
final class LostPackets {
  private static final int FEW = 8;

  private long[] number = {};
  private boolean[] byTime = {};
  private int count;
  private boolean watched;
  private boolean hopeless;
  private boolean overflowed;

  // What the last onAck found: reordering by packets, and by time.
  private long distance;
  private boolean late;

  /** Whether late acknowledgements are of interest. */
  boolean watching() {
    return watched;
  }

  /** A batch of losses begins; its place for {@link #begin}. */
  int mark() {
    overflowed = false;
    return count;
  }

  /** Nothing that comes now is of interest: other signs of congestion, or too long ago. */
  void forget() {
    count = 0;
    watched = false;
    hopeless = false;
  }

  /**
   * A packet was declared lost.
   *
   * @param time by the time threshold, not by packets acknowledged after it
   */
  void add(long pn, boolean time) {
    if (count == Limits.LOST_REMEMBERED) {
      overflowed = true;
      hopeless = true;
      return;
    }
    if (count == number.length) {
      int more = Math.min(Limits.LOST_REMEMBERED, Math.max(FEW, 2 * count));
      number = Arrays.copyOf(number, more);
      byTime = Arrays.copyOf(byTime, more);
    }
    number[count] = pn;
    byTime[count] = time;
    count++;
    watched = true;
  }

  /** The packets added since {@link #mark}, which gave {@code from}, begin a new period. */
  void begin(int from) {
    System.arraycopy(number, from, number, 0, count - from);
    System.arraycopy(byTime, from, byTime, 0, count - from);
    count -= from;
    hopeless = overflowed;
    watched = count > 0;
  }

  /** Strikes out what an ACK frame acknowledges; true when it was any. */
  boolean onAck(Frame f) {
    int kept = 0;
    distance = 0;
    late = false;
    for (int i = 0; i < count; i++) {
      if (contains(f, number[i])) {
        distance = Math.max(distance, f.id - number[i]);
        late |= byTime[i];
      } else {
        number[kept] = number[i];
        byTime[kept] = byTime[i];
        kept++;
      }
    }
    boolean any = kept < count;
    count = kept;
    return any;
  }

  private static boolean contains(Frame f, long pn) {
    for (int r = 0; r < f.ackCount && f.ackHigh[r] >= pn; r++) {
      if (f.ackLow[r] <= pn) {
        return true;
      }
    }
    return false;
  }

  /** Whether every packet of the period has come. */
  boolean allCame() {
    return watched && count == 0 && !hopeless;
  }

  /** How many later numbers had come before the latest comer of the last {@link #onAck}. */
  long distance() {
    return distance;
  }

  /** Whether one of them had been given up by time. */
  boolean late() {
    return late;
  }
}
