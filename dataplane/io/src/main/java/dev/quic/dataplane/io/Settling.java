package dev.quic.dataplane.io;

import java.util.ArrayDeque;

/**
 * Work that waits until the packets between sockets of one machine have come to rest. The kernel
 * carries a packet over loopback within the call that sends it, and the peer's answer with it;
 * programs count on it: what a setsockopt set off has happened when it returns. Here an answer
 * takes a turn of the shard each way. On a network the first turn finds nothing and nothing is
 * waited for.
 */
final class Settling {
  private record Entry(Runnable work, long since) {}

  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private long turn;

  void add(Runnable work) {
    entries.add(new Entry(work, turn));
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /**
   * Ends a turn.
   *
   * @param received whether packets came in it
   * @return whether something ran
   */
  boolean turn(boolean received) {
    int ran = 0;
    for (Entry e = entries.peek(); e != null && isOver(e, received); e = entries.peek()) {
      entries.remove();
      e.work.run();
      ran++;
    }
    turn++;
    return ran > 0;
  }

  /** The turn it came in does not count: what it sent left at its end. */
  private boolean isOver(Entry e, boolean received) {
    long turns = turn - e.since;
    return turns >= IoLimits.SETTLE_TURNS || turns > 0 && !received;
  }

  /** Runs all that is left; the shard stops. */
  void all() {
    for (Entry e = entries.poll(); e != null; e = entries.poll()) {
      e.work.run();
    }
  }
}
