package dev.quic.simnet;

import dev.quic.dataplane.core.protocol.Entropy;
import java.util.SplittableRandom;

/** Randomness that a seed decides. */
public final class SeededEntropy implements Entropy {
  private final SplittableRandom open;
  private final SplittableRandom secret;

  public SeededEntropy(long seed) {
    SplittableRandom root = new SplittableRandom(seed);
    open = root.split();
    secret = root.split();
  }

  @Override
  public void publicBytes(byte[] buf, int off, int len) {
    fill(open, buf, off, len);
  }

  @Override
  public void privateBytes(byte[] buf, int off, int len) {
    fill(secret, buf, off, len);
  }

  private static void fill(SplittableRandom r, byte[] buf, int off, int len) {
    for (int i = 0; i < len; i++) {
      buf[off + i] = (byte) r.nextInt(256);
    }
  }
}
