package dev.quic.simnet;

import org.jspecify.annotations.Nullable;

/**
 * One node of the ring: takes datagrams from the node before and gives datagrams to the node after,
 * at once or when its time has come.
 */
public abstract class Node {
  private @Nullable Node next;

  final void next(Node n) {
    next = n;
  }

  /** A datagram arrives. */
  public abstract void accept(long now, Datagram d);

  /** When {@link #run} is wanted, nanoseconds; {@link Long#MAX_VALUE} for never. */
  public long deadline() {
    return Long.MAX_VALUE;
  }

  /** The deadline has come. */
  public void run(long now) {}

  /** Hands a datagram on. */
  protected final void forward(long now, Datagram d) {
    Node n = next;
    if (n == null) {
      throw new IllegalStateException("not in a ring");
    }
    n.accept(now, d);
  }
}
