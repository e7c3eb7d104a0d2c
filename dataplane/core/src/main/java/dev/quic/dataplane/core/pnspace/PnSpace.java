package dev.quic.dataplane.core.pnspace;

import dev.quic.dataplane.core.common.Limits;
import java.util.Arrays;

/**
 * One packet number space: the numbers received, as bounded ranges, and the next number to send. In
 * order is the cheap case: one comparison and one store.
 */
public final class PnSpace {
  /** ECN field values of the IP header. */
  public static final int ECN_NOT_ECT = 0;

  public static final int ECN_ECT1 = 1;
  public static final int ECN_ECT0 = 2;
  public static final int ECN_CE = 3;

  // Room for ranges at first; most connections never have more.
  private static final int FEW_RANGES = 2;

  /** No packet has a higher number. */
  private static final long LAST = (1L << 62) - 1;

  // Ascending and disjoint, never adjacent; the newest range is last.
  private long[] low = new long[FEW_RANGES];
  private long[] high = new long[FEW_RANGES];
  private int count;
  private long floor;
  private long largest = -1;
  private long largestTime;
  private long ect0;
  private long ect1;
  private long ce;
  private long next;
  private long largestAcked = -1;

  /**
   * Whether a number was received before, or is so old that it cannot be told and must count as
   * received (RFC 9000 section 12.3).
   */
  public boolean isDuplicate(long pn) {
    if (pn > largest) {
      return false;
    }
    return pn < floor || indexOf(pn) >= 0;
  }

  /**
   * Notes a number, after the packet was authenticated.
   *
   * @param now arrival, ns
   * @return false when it was a duplicate
   */
  public boolean receive(long pn, long now) {
    if (pn > largest) {
      if (count > 0 && high[count - 1] == pn - 1) {
        high[count - 1] = pn;
      } else {
        append(pn);
      }
      largest = pn;
      largestTime = now;
      return true;
    }
    return pn >= floor && insert(pn);
  }

  private void append(long pn) {
    if (count == Limits.ACK_RANGES) {
      dropOldest();
    }
    room();
    low[count] = pn;
    high[count] = pn;
    count++;
  }

  /** Makes room for another range. */
  private void room() {
    if (count == low.length) {
      low = Arrays.copyOf(low, Math.min(Limits.ACK_RANGES, 2 * count));
      high = Arrays.copyOf(high, low.length);
    }
  }

  /** Forgets the oldest range; what lies at or below it counts as received from now on. */
  private void dropOldest() {
    floor = high[0] + 1;
    removeAt(0);
  }

  private void removeAt(int i) {
    System.arraycopy(low, i + 1, low, i, count - i - 1);
    System.arraycopy(high, i + 1, high, i, count - i - 1);
    count--;
  }

  private boolean insert(long pn) {
    int i = count - 1;
    while (i >= 0 && low[i] > pn) {
      i--;
    }
    // Range i starts at or below pn, range i + 1 above it.
    if (i >= 0 && pn <= high[i]) {
      return false;
    }
    boolean joinsBelow = i >= 0 && high[i] == pn - 1;
    boolean joinsAbove = i + 1 < count && low[i + 1] == pn + 1;
    if (joinsBelow && joinsAbove) {
      high[i] = high[i + 1];
      removeAt(i + 1);
    } else if (joinsBelow) {
      high[i] = pn;
    } else if (joinsAbove) {
      low[i + 1] = pn;
    } else {
      return insertBetween(i + 1, pn);
    }
    return true;
  }

  private boolean insertBetween(int position, long pn) {
    int at = position;
    if (count == Limits.ACK_RANGES) {
      if (at == 0) {
        // Older than everything kept: taking it would only push it out again.
        floor = pn + 1;
        return true;
      }
      dropOldest();
      at--;
    }
    room();
    System.arraycopy(low, at, low, at + 1, count - at);
    System.arraycopy(high, at, high, at + 1, count - at);
    low[at] = pn;
    high[at] = pn;
    count++;
    return true;
  }

  private int indexOf(long pn) {
    for (int i = count - 1; i >= 0 && high[i] >= pn; i--) {
      if (low[i] <= pn) {
        return i;
      }
    }
    return -1;
  }

  /** Counts the ECN mark of a packet that was processed (RFC 9000 section 13.4.1). */
  public void countEcn(int ecn) {
    switch (ecn) {
      case ECN_ECT0 -> ect0++;
      case ECN_ECT1 -> ect1++;
      case ECN_CE -> ce++;
      default -> {}
    }
  }

  public long ect0() {
    return ect0;
  }

  public long ect1() {
    return ect1;
  }

  public long ce() {
    return ce;
  }

  /** Whether any mark was counted, so that ACK frames carry the counts. */
  public boolean hasEcn() {
    return (ect0 | ect1 | ce) != 0;
  }

  /** Largest number received, -1 for none. */
  public long largest() {
    return largest;
  }

  /** When {@link #largest} arrived, ns. */
  public long largestTime() {
    return largestTime;
  }

  /** Ranges to acknowledge. */
  public int rangeCount() {
    return count;
  }

  /** Lowest number of the i-th newest range. */
  public long rangeLow(int i) {
    return low[count - 1 - i];
  }

  /** Highest number of the i-th newest range. */
  public long rangeHigh(int i) {
    return high[count - 1 - i];
  }

  /** Whether numbers are missing between those remembered. */
  public boolean hasGaps() {
    return count > 1;
  }

  /** Numbers below this count as received. */
  public long floor() {
    return floor;
  }

  /**
   * An ACK frame of ours whose largest number was {@code ackedLargest} was acknowledged: nothing up
   * to it needs acknowledging again (RFC 9000 section 13.2.4).
   */
  public void onAckAcked(long ackedLargest) {
    // The newest number stays, so that there is always something to acknowledge.
    long upTo = Math.min(ackedLargest, largest - 1);
    if (upTo < floor) {
      return;
    }
    floor = upTo + 1;
    int gone = 0;
    while (gone < count && high[gone] < floor) {
      gone++;
    }
    System.arraycopy(low, gone, low, 0, count - gone);
    System.arraycopy(high, gone, high, 0, count - gone);
    count -= gone;
    if (count > 0 && low[0] < floor) {
      low[0] = floor;
    }
  }

  /**
   * Whether the numbers are used up but for those one more turn may take (RFC 9000 section 12.3).
   */
  public boolean exhausted() {
    return next > LAST - Limits.SENT_PACKETS;
  }

  /** Takes the next number to send with. */
  public long takeNext() {
    return next++;
  }

  /** Takes a run of numbers. Returns the first. */
  public long takeNext(int n) {
    long first = next;
    next += n;
    return first;
  }

  /** The next number to send with, not taken. */
  public long next() {
    return next;
  }

  /** Skips a number, so that an optimistic acknowledgement of it shows (RFC 9000 section 21.4). */
  public void skip() {
    next++;
  }

  /**
   * Largest of our numbers the peer acknowledged, -1 for none; what number lengths are based on.
   */
  public long largestAcked() {
    return largestAcked;
  }

  public void onAcked(long pn) {
    largestAcked = Math.max(largestAcked, pn);
  }
}
