package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;

/** Swallows everything for a part of each period. */
public final class Blackhole extends Node {
  private final long start;
  private final long on;
  private final long off;

  /** Passes for {@code on} nanoseconds from {@code start}, swallows for {@code off}, and so on. */
  public Blackhole(long start, long on, long off) {
    this.start = start;
    this.on = on;
    this.off = off;
  }

  @Override
  public void accept(long now, Datagram d) {
    if (now < start || (now - start) % (on + off) < on) {
      forward(now, d);
    }
  }
}
