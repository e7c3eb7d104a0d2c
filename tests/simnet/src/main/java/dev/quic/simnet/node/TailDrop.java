package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import java.util.ArrayDeque;

/** A link of a rate with a queue before it; what does not fit into the queue is lost. */
public final class TailDrop extends Node {
  private static final long BITS_NANOS = 8_000_000_000L;

  /** IPv4 and UDP headers. */
  private static final int HEADERS = 28;

  private final ArrayDeque<Datagram> queue = new ArrayDeque<>();
  private final long bitsPerSecond;
  private final int capacity;
  private int queued;
  private long free;
  private long dropped;

  /**
   * @param capacity bytes the queue holds
   */
  public TailDrop(long bitsPerSecond, int capacity) {
    this.bitsPerSecond = bitsPerSecond;
    this.capacity = capacity;
  }

  /** Datagrams lost so far. */
  public long dropped() {
    return dropped;
  }

  @Override
  public void accept(long now, Datagram d) {
    int size = d.length() + HEADERS;
    if (queued + size > capacity) {
      dropped++;
      return;
    }
    if (queue.isEmpty()) {
      free = Math.max(free, now) + time(size);
    }
    queue.add(d);
    queued += size;
  }

  private long time(int bytes) {
    return bytes * BITS_NANOS / bitsPerSecond;
  }

  @Override
  public long deadline() {
    return queue.isEmpty() ? Long.MAX_VALUE : free;
  }

  @Override
  public void run(long now) {
    while (!queue.isEmpty() && free <= now) {
      Datagram d = queue.remove();
      queued -= d.length() + HEADERS;
      Datagram next = queue.peek();
      if (next != null) {
        free += time(next.length() + HEADERS);
      }
      forward(now, d);
    }
  }
}
