package dev.quic.dataplane.core.common;

/** A bounded first-in first-out queue of longs that grows up to its limit. */
public final class LongRing {
  private static final int FEW = 4;
  private static final long[] NONE = {};

  private final int limit;
  private long[] items = NONE;
  private int head;
  private int size;

  /**
   * @param limit most items held, at least 1
   */
  public LongRing(int limit) {
    this.limit = limit;
  }

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** Appends; false when full. */
  public boolean add(long v) {
    if (size == items.length) {
      if (size >= limit) {
        return false;
      }
      long[] bigger = new long[Math.min(limit, Math.max(FEW, size * 2))];
      for (int i = 0; i < size; i++) {
        bigger[i] = get(i);
      }
      items = bigger;
      head = 0;
    }
    items[(head + size) % items.length] = v;
    size++;
    return true;
  }

  /** Appends what is not held yet; false when full. */
  public boolean addOnce(long v) {
    return contains(v) || add(v);
  }

  /** The i-th oldest item, 0 to size-1. */
  public long get(int i) {
    return items[(head + i) % items.length];
  }

  /** Removes and returns the oldest item, or {@code none} when empty. */
  public long poll(long none) {
    if (size == 0) {
      return none;
    }
    long v = items[head];
    head = (head + 1) % items.length;
    size--;
    return v;
  }

  public boolean contains(long v) {
    for (int i = 0; i < size; i++) {
      if (get(i) == v) {
        return true;
      }
    }
    return false;
  }

  public void clear() {
    head = 0;
    size = 0;
  }
}
