package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import java.util.SplittableRandom;

/** Marks congestion (CE) on some of the datagrams that allow it. */
public final class EcnMark extends Node {
  private static final byte CE = 3;

  private final double share;
  private final SplittableRandom random;

  /**
   * @param share probability, 0 to 1
   */
  public EcnMark(double share, SplittableRandom random) {
    this.share = share;
    this.random = random;
  }

  @Override
  public void accept(long now, Datagram d) {
    boolean mark = d.ecn != 0 && share > 0 && random.nextDouble() < share;
    forward(now, mark ? new Datagram(d.bytes, d.from, d.to, CE) : d);
  }
}
