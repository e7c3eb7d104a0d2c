package dev.quic.dataplane.core.common;

/**
 * Disjoint half-open ranges of offsets, ascending, never touching each other. Grows as needed; the
 * owner bounds {@link #count}. Adding at the end, the usual case, costs one comparison.
 */
public final class RangeSet {
  private static final int FEW = 4;
  private static final long[] NONE = {};

  private long[] low = NONE;
  private long[] high = NONE;
  private int count;

  public int count() {
    return count;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /** Start of the i-th lowest range. */
  public long low(int i) {
    return low[i];
  }

  /** End, exclusive, of the i-th lowest range. */
  public long high(int i) {
    return high[i];
  }

  public void clear() {
    count = 0;
  }

  /** Offsets in all ranges together. */
  public long total() {
    long n = 0;
    for (int i = 0; i < count; i++) {
      n += high[i] - low[i];
    }
    return n;
  }

  /** Adds [from, to), joining what it touches; nothing for an empty range. */
  public void add(long from, long to) {
    if (from >= to) {
      return;
    }
    if (count == 0 || from > high[count - 1]) {
      insert(count, from, to);
      return;
    }
    int i = firstEndingAtOrAfter(from);
    if (low[i] > to) {
      insert(i, from, to);
      return;
    }
    int j = i;
    while (j + 1 < count && low[j + 1] <= to) {
      j++;
    }
    low[i] = Math.min(low[i], from);
    high[i] = Math.max(high[j], to);
    delete(i + 1, j - i);
  }

  /** Takes [from, to) out. */
  public void remove(long from, long to) {
    if (from >= to || count == 0 || from >= high[count - 1]) {
      return;
    }
    int i = firstEndingAtOrAfter(from + 1);
    if (low[i] < from) {
      if (high[i] > to) {
        insert(i + 1, to, high[i]);
        high[i] = from;
        return;
      }
      high[i] = from;
      i++;
    }
    int j = i;
    while (j < count && high[j] <= to) {
      j++;
    }
    delete(i, j - i);
    if (i < count && low[i] < to) {
      low[i] = to;
    }
  }

  /** Whether [from, to) lies in one range. */
  public boolean contains(long from, long to) {
    if (count == 0 || from >= high[count - 1]) {
      return false;
    }
    int i = firstEndingAtOrAfter(from + 1);
    return low[i] <= from && to <= high[i];
  }

  /** Index of the lowest range that ends above an offset; {@link #count} when none does. */
  public int from(long offset) {
    return count == 0 || high[count - 1] <= offset ? count : firstEndingAtOrAfter(offset + 1);
  }

  /** Index of the lowest range with {@code high >= at}; the caller knows there is one. */
  private int firstEndingAtOrAfter(long at) {
    int lo = 0;
    int hi = count - 1;
    while (lo < hi) {
      int mid = (lo + hi) >>> 1;
      if (high[mid] >= at) {
        hi = mid;
      } else {
        lo = mid + 1;
      }
    }
    return lo;
  }

  private void insert(int at, long from, long to) {
    if (count == low.length) {
      low = java.util.Arrays.copyOf(low, Math.max(FEW, 2 * count));
      high = java.util.Arrays.copyOf(high, low.length);
    }
    System.arraycopy(low, at, low, at + 1, count - at);
    System.arraycopy(high, at, high, at + 1, count - at);
    low[at] = from;
    high[at] = to;
    count++;
  }

  private void delete(int at, int n) {
    if (n > 0) {
      System.arraycopy(low, at + n, low, at, count - at - n);
      System.arraycopy(high, at + n, high, at, count - at - n);
      count -= n;
    }
  }
}
