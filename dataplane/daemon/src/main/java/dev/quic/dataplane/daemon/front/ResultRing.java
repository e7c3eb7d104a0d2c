package dev.quic.dataplane.daemon.front;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Results of sends from the shard to one user thread: pairs of a sequence number and a result. */
public final class ResultRing {
  /** Results that may wait for the user. */
  public static final int CAPACITY = 64;

  private static final AtomicLongArray NONE = new AtomicLongArray(0);

  // Made by the shard for the first result, and seen by the user with it.
  private AtomicLongArray slots = NONE;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong read = new AtomicLong();

  /** Shard: whether another result fits. */
  boolean hasRoom() {
    return written.getPlain() - read.getAcquire() < CAPACITY;
  }

  void put(int seq, int result) {
    long w = written.getPlain();
    if (slots == NONE) {
      slots = new AtomicLongArray(CAPACITY);
    }
    slots.setPlain((int) (w & (CAPACITY - 1)), (long) seq << 32 | (result & 0xffff_ffffL));
    written.setRelease(w + 1);
  }

  /** User: whether a result waits. */
  public boolean isEmpty() {
    return read.getPlain() == written.getAcquire();
  }

  /** User: whether the shard may be waiting for room. */
  public boolean isFull() {
    return written.getAcquire() - read.getPlain() >= CAPACITY;
  }

  /** User: the next result, which stays; only when not {@link #isEmpty}. */
  public long peek() {
    return slots.getPlain((int) (read.getPlain() & (CAPACITY - 1)));
  }

  /** User: the next result, {@code seq << 32 | result}; only when not {@link #isEmpty}. */
  public long take() {
    long r = read.getPlain();
    long v = slots.getPlain((int) (r & (CAPACITY - 1)));
    read.setRelease(r + 1);
    return v;
  }

  public static int seq(long entry) {
    return (int) (entry >>> 32);
  }

  public static int result(long entry) {
    return (int) entry;
  }
}
