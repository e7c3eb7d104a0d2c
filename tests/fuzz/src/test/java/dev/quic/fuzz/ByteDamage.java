package dev.quic.fuzz;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Ways to damage bytes that know nothing of their meaning. */
public final class ByteDamage {
  private static final byte[] EDGES = {0, 1, 2, 4, 0x7f, (byte) 0x80, (byte) 0xfe, (byte) 0xff};

  private ByteDamage() {}

  /** A damaged copy, at most {@code longest} bytes. */
  public static byte[] damage(RandomGenerator random, byte[] bytes, int longest) {
    if (bytes.length == 0) {
      return noise(random, 1 + random.nextInt(16));
    }
    byte[] out =
        switch (random.nextInt(10)) {
          case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
          case 1 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
          case 2 -> bits(random, bytes.clone());
          case 3 -> number(random, bytes.clone(), 2);
          case 4 -> number(random, bytes.clone(), 4);
          case 5 -> without(random, bytes);
          case 6 -> with(random, bytes);
          case 7 -> repeated(random, bytes);
          default -> overwritten(random, bytes.clone());
        };
    return out.length > longest ? Arrays.copyOf(out, longest) : out;
  }

  /** Random bytes. */
  public static byte[] noise(RandomGenerator random, int length) {
    byte[] out = new byte[length];
    random.nextBytes(out);
    return out;
  }

  /** One to eight flipped bits. */
  public static byte[] bits(RandomGenerator random, byte[] bytes) {
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private static byte[] overwritten(RandomGenerator random, byte[] bytes) {
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] =
          random.nextBoolean() ? (byte) random.nextInt(256) : EDGES[random.nextInt(EDGES.length)];
    }
    return bytes;
  }

  /** A number of so many bytes at its edges, as lengths and counts are. */
  private static byte[] number(RandomGenerator random, byte[] bytes, int width) {
    int at = random.nextInt(bytes.length);
    byte value = EDGES[random.nextInt(EDGES.length)];
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = i == 0 || value < 0 || random.nextInt(8) == 0 ? value : 0;
    }
    return bytes;
  }

  private static byte[] without(RandomGenerator random, byte[] bytes) {
    int from = random.nextInt(bytes.length);
    int len = Math.min(1 + random.nextInt(32), bytes.length - from);
    byte[] out = new byte[bytes.length - len];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(bytes, from + len, out, from, out.length - from);
    return out;
  }

  private static byte[] with(RandomGenerator random, byte[] bytes) {
    int at = random.nextInt(bytes.length + 1);
    byte[] more = noise(random, 1 + random.nextInt(32));
    byte[] out = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(more, 0, out, at, more.length);
    System.arraycopy(bytes, at, out, at + more.length, bytes.length - at);
    return out;
  }

  /** A span of the bytes written again behind itself. */
  private static byte[] repeated(RandomGenerator random, byte[] bytes) {
    int from = random.nextInt(bytes.length);
    int len = Math.min(1 + random.nextInt(64), bytes.length - from);
    byte[] out = Arrays.copyOf(bytes, bytes.length + len);
    System.arraycopy(bytes, from, out, from + len, bytes.length - from);
    return out;
  }
}
