package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import java.util.SplittableRandom;

/** Loses datagrams at random, perhaps in bursts. */
public final class Drop extends Node {
  private final SplittableRandom random;
  private final double loss;
  private final int burst;
  private int left;

  /**
   * @param loss probability that a loss begins at a datagram, 0 to 1
   * @param burst datagrams lost in a row, 1 or more
   */
  public Drop(double loss, int burst, SplittableRandom random) {
    this.loss = loss / burst;
    this.burst = burst;
    this.random = random;
  }

  @Override
  public void accept(long now, Datagram d) {
    if (left > 0) {
      left--;
      return;
    }
    if (loss > 0 && random.nextDouble() < loss) {
      left = burst - 1;
      return;
    }
    forward(now, d);
  }
}
