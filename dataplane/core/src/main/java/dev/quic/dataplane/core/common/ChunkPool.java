package dev.quic.dataplane.core.common;

import org.jspecify.annotations.Nullable;

/**
 * Chunks of stream bytes, reused, and the account of how many bytes are in use. One pool a net;
 * what is given back beyond the limit is left to the collector. A connection takes its chunks
 * through accounts of its own ({@link #account}), which count for the net as well.
 */
public final class ChunkPool {
  /** Bytes of a chunk, a power of two. */
  public static final int SIZE = 8_192;

  private final @Nullable ChunkPool parent;
  private final byte[] @Nullable [] free;
  private int count;
  private final byte[] @Nullable [] small;
  private int smallCount;
  private long held;

  public ChunkPool() {
    this(null);
  }

  private ChunkPool(@Nullable ChunkPool parent) {
    this.parent = parent;
    free = new byte[parent == null ? Limits.POOLED_CHUNKS : 0][];
    small = new byte[parent == null ? Limits.POOLED_SMALL_CHUNKS : 0][];
  }

  /** An account whose chunks come from this pool. */
  public ChunkPool account() {
    return new ChunkPool(this);
  }

  /** Bytes taken and not given back. */
  public long held() {
    return held;
  }

  /** A chunk of {@link #SIZE} bytes with anything in it. */
  public byte[] take() {
    held += SIZE;
    if (parent != null) {
      return parent.take();
    }
    if (count == 0) {
      return new byte[SIZE];
    }
    byte[] chunk = free[--count];
    free[count] = null;
    return chunk == null ? new byte[SIZE] : chunk;
  }

  /** A piece for little data with anything in it; only {@link Limits#SMALL_CHUNK} is reused. */
  public byte[] takeSmall(int bytes) {
    held += bytes;
    if (parent != null) {
      return parent.takeSmall(bytes);
    }
    if (bytes != Limits.SMALL_CHUNK || smallCount == 0) {
      return new byte[bytes];
    }
    byte[] chunk = small[--smallCount];
    small[smallCount] = null;
    return chunk == null ? new byte[bytes] : chunk;
  }

  /** Counts bytes held elsewhere, or, below 0, no longer held. */
  public void charge(long bytes) {
    for (ChunkPool p = this; p != null; p = p.parent) {
      p.held += bytes;
    }
  }

  /** Takes back what {@link #take} or {@link #takeSmall} gave. */
  public void give(byte[] chunk) {
    held -= chunk.length;
    if (parent != null) {
      parent.give(chunk);
    } else if (chunk.length == SIZE && count < free.length) {
      free[count++] = chunk;
    } else if (chunk.length == Limits.SMALL_CHUNK && smallCount < small.length) {
      small[smallCount++] = chunk;
    }
  }
}
