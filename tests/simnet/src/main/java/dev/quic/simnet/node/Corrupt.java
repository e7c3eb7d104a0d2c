package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Changes some datagrams: bits turned, bytes made up, the end cut off or lengthened. */
public final class Corrupt extends Node {
  private final SplittableRandom random;
  private final double share;

  /**
   * @param share probability, 0 to 1
   */
  public Corrupt(double share, SplittableRandom random) {
    this.share = share;
    this.random = random;
  }

  @Override
  public void accept(long now, Datagram d) {
    if (share <= 0 || random.nextDouble() >= share) {
      forward(now, d);
      return;
    }
    byte[] b = d.bytes.clone();
    switch (random.nextInt(4)) {
      case 0 -> b[random.nextInt(b.length)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        for (int n = random.nextInt(1, 9); n > 0; n--) {
          b[random.nextInt(b.length)] = (byte) random.nextInt(256);
        }
      }
      case 2 -> b = Arrays.copyOf(b, random.nextInt(1, b.length + 1));
      default -> {
        // The first bytes are what parsers look at.
        b[random.nextInt(Math.min(b.length, 24))] = (byte) random.nextInt(256);
      }
    }
    forward(now, new Datagram(b, d.from, d.to, d.ecn));
  }
}
