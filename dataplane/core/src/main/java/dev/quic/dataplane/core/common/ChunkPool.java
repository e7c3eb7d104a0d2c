package dev.quic.dataplane.core.common;

import org.jspecify.annotations.Nullable;

/**
 * Chunks of stream bytes, reused. One pool a net; what is given back beyond the limit is left to
 * the collector.
 */
public final class ChunkPool {
  /** Bytes of a chunk, a power of two. */
  public static final int SIZE = 8_192;

  private final byte[] @Nullable [] free = new byte[Limits.POOLED_CHUNKS][];
  private int count;

  public byte[] take() {
    if (count == 0) {
      return new byte[SIZE];
    }
    byte[] chunk = free[--count];
    free[count] = null;
    return chunk == null ? new byte[SIZE] : chunk;
  }

  public void give(byte[] chunk) {
    if (count < free.length) {
      free[count++] = chunk;
    }
  }
}
