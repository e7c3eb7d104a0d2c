package dev.quic.dataplane.io;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counters of one shard: written by it alone, read by anyone at any time. */
public final class ShardStats {
  /** What is counted. */
  public enum Counter {
    /** Turns of the duty cycle. */
    TURNS,
    /** Times the shard went to sleep. */
    SLEEPS,
    /** Turns longer than {@link IoLimits#STALL_NANOS}. */
    STALLS,
    /** The longest turn, nanoseconds. */
    LONGEST_TURN_NANOS,
    /** Tasks run. */
    TASKS,
    /** Tasks that threw. */
    TASK_FAILURES,
    /** Datagrams received, for this shard. */
    RX_DATAGRAMS,
    RX_BYTES,
    /** Send batches and what they held. */
    TX_BATCHES,
    TX_DATAGRAMS,
    TX_BYTES,
    /** Datagrams that no socket buffer or route took. */
    TX_DROPS,
    /** Datagrams handed to the shard that owns them. */
    FORWARDED,
    /** Datagrams lost because the owner's ring was full or has no such port. */
    FORWARD_DROPS,
    /** Submissions refused because the ring was full; counted by the submitters. */
    RING_FULL,
    /** Watcher and descriptor handler calls that threw. */
    WATCHER_FAILURES,
    /** Calls into the core that threw: always a bug. */
    CORE_FAILURES
  }

  private final AtomicLongArray values = new AtomicLongArray(Counter.values().length);

  public long get(Counter c) {
    return values.getOpaque(c.ordinal());
  }

  /** By the shard. */
  void add(Counter c, long n) {
    int i = c.ordinal();
    values.setOpaque(i, values.getPlain(i) + n);
  }

  /** By the shard. */
  void max(Counter c, long v) {
    int i = c.ordinal();
    if (v > values.getPlain(i)) {
      values.setOpaque(i, v);
    }
  }

  /** By anyone. */
  void addShared(Counter c, long n) {
    values.addAndGet(c.ordinal(), n);
  }

  /** Name and value of each, for a report. */
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    for (Counter c : Counter.values()) {
      s.append(s.isEmpty() ? "" : " ").append(c).append('=').append(get(c));
    }
    return s.toString();
  }
}
