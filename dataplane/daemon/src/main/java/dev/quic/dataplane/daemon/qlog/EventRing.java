package dev.quic.dataplane.daemon.qlog;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Events from one shard to the writer, as rows of numbers. The shard never waits: when the ring is
 * full an event is dropped and counted. One producer, one consumer.
 */
final class EventRing {
  /** Words of an event: kind, time, socket, and up to five of its own. */
  static final int WORDS = 8;

  static final int KIND = 0;
  static final int TIME = 1;
  static final int SOCK = 2;

  /** Where the event's own words begin. */
  static final int ARGS = 3;

  private final long[] words;
  private final int capacity;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong read = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  /**
   * @param capacity events, a power of two
   */
  EventRing(int capacity) {
    this.capacity = capacity;
    words = new long[capacity * WORDS];
  }

  /** Shard: takes an event in, or counts it as dropped. */
  void put(int kind, long now, long sock, long a, long b, long c, long d, long e) {
    long w = written.getPlain();
    if (w - read.getAcquire() >= capacity) {
      dropped.setRelease(dropped.getPlain() + 1);
      return;
    }
    int at = (int) (w & capacity - 1) * WORDS;
    words[at] = kind;
    words[at + TIME] = now;
    words[at + SOCK] = sock;
    words[at + ARGS] = a;
    words[at + 4] = b;
    words[at + 5] = c;
    words[at + 6] = d;
    words[at + 7] = e;
    written.setRelease(w + 1);
  }

  /** Shard: whether {@link #put} would take an event. */
  boolean hasRoom() {
    return written.getPlain() - read.getAcquire() < capacity;
  }

  /** Writer: copies the next event; false when there is none. */
  boolean take(long[] into) {
    long r = read.getPlain();
    if (r == written.getAcquire()) {
      return false;
    }
    System.arraycopy(words, (int) (r & capacity - 1) * WORDS, into, 0, WORDS);
    read.setRelease(r + 1);
    return true;
  }

  /** Events dropped so far. */
  long dropped() {
    return dropped.getAcquire();
  }
}
