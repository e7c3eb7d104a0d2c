package dev.quic.dataplane.io;

import dev.quic.dataplane.core.protocol.Entropy;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Randomness of the system, drawn in blocks. Public and private bytes come from two generators that
 * share no state. One thread.
 */
public final class SystemEntropy implements Entropy {
  private static final int BLOCK = 4_096;

  private final Source open = new Source(drbg());
  private final Source secret = new Source(new SecureRandom());

  private static SecureRandom drbg() {
    try {
      return SecureRandom.getInstance("DRBG");
    } catch (NoSuchAlgorithmException e) {
      return new SecureRandom();
    }
  }

  @Override
  public void publicBytes(byte[] buf, int off, int len) {
    open.take(buf, off, len);
  }

  @Override
  public void privateBytes(byte[] buf, int off, int len) {
    secret.take(buf, off, len);
  }

  private static final class Source {
    private final SecureRandom random;
    private final byte[] block = new byte[BLOCK];
    private int used = BLOCK;

    Source(SecureRandom random) {
      this.random = random;
    }

    void take(byte[] buf, int off, int len) {
      int done = 0;
      while (done < len) {
        if (used == BLOCK) {
          random.nextBytes(block);
          used = 0;
        }
        int n = Math.min(len - done, BLOCK - used);
        System.arraycopy(block, used, buf, off + done, n);
        Arrays.fill(block, used, used + n, (byte) 0); // Given out once, kept nowhere.
        used += n;
        done += n;
      }
    }
  }
}
