package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;

/** A middlebox that does not believe in ECN: it wipes marks, or swallows what carries one. */
public final class EcnBleach extends Node {
  private final boolean drop;

  /**
   * @param drop whether marked datagrams are lost rather than wiped
   */
  public EcnBleach(boolean drop) {
    this.drop = drop;
  }

  @Override
  public void accept(long now, Datagram d) {
    if (d.ecn == 0) {
      forward(now, d);
    } else if (!drop) {
      forward(now, new Datagram(d.bytes, d.from, d.to, (byte) 0));
    }
  }
}
