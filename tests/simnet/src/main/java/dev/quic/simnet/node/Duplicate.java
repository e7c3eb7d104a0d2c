package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import java.util.SplittableRandom;

/** Sends some datagrams on twice. Before a {@link Delay}, the two arrive apart. */
public final class Duplicate extends Node {
  private final SplittableRandom random;
  private final double share;

  /**
   * @param share probability, 0 to 1
   */
  public Duplicate(double share, SplittableRandom random) {
    this.share = share;
    this.random = random;
  }

  @Override
  public void accept(long now, Datagram d) {
    boolean twice = share > 0 && random.nextDouble() < share;
    Datagram second = twice ? new Datagram(d.bytes.clone(), d.from, d.to, d.ecn) : d;
    forward(now, d);
    if (twice) {
      forward(now, second);
    }
  }
}
