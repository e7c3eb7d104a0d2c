package dev.quic.simnet.peer;

import java.util.Arrays;

/** Bytes that a key and an offset decide: no side needs to hold what it expects. */
final class Pattern {
  private final long key;
  private byte[] scratch = new byte[0];

  Pattern(long seed, long stream, boolean fromServer) {
    key = mix(seed ^ mix(stream * 2 + (fromServer ? 1 : 0)));
  }

  private static long mix(long z) {
    long x = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
    return x ^ x >>> 31;
  }

  void fill(byte[] buf, int off, int len, long offset) {
    long word = 0;
    long block = -1;
    for (int i = 0; i < len; i++) {
      long at = offset + i;
      if (at >>> 3 != block) {
        block = at >>> 3;
        word = mix(key + block * 0x9e3779b97f4a7c15L);
      }
      buf[off + i] = (byte) (word >>> 8 * (at & 7));
    }
  }

  /** Index of the first wrong byte, -1 for none. */
  int mismatch(byte[] buf, int off, int len, long offset) {
    if (scratch.length < len) {
      scratch = new byte[len];
    }
    fill(scratch, 0, len, offset);
    return Arrays.mismatch(buf, off, off + len, scratch, 0, len);
  }
}
