package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Holds every datagram for a while; jitter larger than the gap between two reorders them. */
public final class Delay extends Node {
  private record Held(long at, long order, Datagram datagram) implements Comparable<Held> {
    @Override
    public int compareTo(Held o) {
      int c = Long.compare(at, o.at);
      return c != 0 ? c : Long.compare(order, o.order);
    }
  }

  private final PriorityQueue<Held> held = new PriorityQueue<>();
  private final SplittableRandom random;
  private final long delay;
  private final long jitter;
  private long order;

  /** Each datagram waits {@code delay} plus up to {@code jitter} nanoseconds. */
  public Delay(long delay, long jitter, SplittableRandom random) {
    this.delay = delay;
    this.jitter = jitter;
    this.random = random;
  }

  @Override
  public void accept(long now, Datagram d) {
    long extra = jitter == 0 ? 0 : random.nextLong(jitter + 1);
    held.add(new Held(now + delay + extra, order++, d));
  }

  @Override
  public long deadline() {
    Held h = held.peek();
    return h == null ? Long.MAX_VALUE : h.at;
  }

  @Override
  public void run(long now) {
    for (Held h = held.peek(); h != null && h.at <= now; h = held.peek()) {
      held.remove();
      forward(now, h.datagram);
    }
  }
}
