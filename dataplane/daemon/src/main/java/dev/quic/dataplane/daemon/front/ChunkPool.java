package dev.quic.dataplane.daemon.front;

import java.util.ArrayDeque;

/** Blocks of full size kept for reuse, up to a limit. Any thread. */
public final class ChunkPool {
  /** Bytes of a full-size chunk: one message of the largest size a descriptor packet carries. */
  public static final int CHUNK_BYTES = 64 * 1024;

  /** Bytes of the chunk for a few small messages, so that most sockets cost little. */
  static final int LEAST_CHUNK_BYTES = 1024;

  /** Bytes of the chunk between that and a full one; too few for any message to be lent. */
  static final int SMALL_CHUNK_BYTES = 8 * 1024;

  /** Messages of a chunk, whatever their size; a power of two. */
  static final int CHUNK_MESSAGES = 128;

  /** Messages of a smaller chunk, a power of two. */
  static final int SMALL_CHUNK_MESSAGES = 16;

  /** Free blocks kept: 16 MiB. */
  private static final int KEPT = 256;

  private final ArrayDeque<Chunk.Block> free = new ArrayDeque<>();

  /**
   * Bytes of the chunk to go on with: the next larger kind.
   *
   * @param last bytes of the chunk before, 0 for none
   * @param min bytes that must fit
   */
  static int after(int last, int min) {
    if (last == 0 && min <= LEAST_CHUNK_BYTES) {
      return LEAST_CHUNK_BYTES;
    }
    return last < SMALL_CHUNK_BYTES && min <= SMALL_CHUNK_BYTES ? SMALL_CHUNK_BYTES : CHUNK_BYTES;
  }

  /**
   * @param bytes one of the three sizes
   */
  Chunk.Block take(int bytes) {
    if (bytes < CHUNK_BYTES) {
      return Chunk.Block.of(bytes, SMALL_CHUNK_MESSAGES);
    }
    Chunk.Block b;
    synchronized (free) {
      b = free.pollFirst();
    }
    return b == null ? Chunk.Block.of(CHUNK_BYTES, CHUNK_MESSAGES) : b;
  }

  void give(Chunk.Block block) {
    if (block.buf().length != CHUNK_BYTES) {
      return;
    }
    synchronized (free) {
      if (free.size() < KEPT) {
        free.addFirst(block);
      }
    }
  }
}
