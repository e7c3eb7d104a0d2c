package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;

/** Swallows datagrams that are too big, without a word. */
public final class Mtu extends Node {
  private final int payload;

  /**
   * @param payload largest UDP payload that passes, bytes
   */
  public Mtu(int payload) {
    this.payload = payload;
  }

  @Override
  public void accept(long now, Datagram d) {
    if (d.length() <= payload) {
      forward(now, d);
    }
  }
}
