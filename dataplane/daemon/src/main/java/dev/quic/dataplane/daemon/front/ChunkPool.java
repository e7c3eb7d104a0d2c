package dev.quic.dataplane.daemon.front;

import java.util.ArrayDeque;

/** Chunks of full size kept for reuse, up to a limit. Any thread. */
public final class ChunkPool {
  /** Bytes of a full-size chunk: one message of the largest size a descriptor packet carries. */
  public static final int CHUNK_BYTES = 64 * 1024;

  /** Bytes of the chunk a queue starts with, so that an idle socket costs little. */
  static final int FIRST_CHUNK_BYTES = 8 * 1024;

  /** Messages of a chunk, whatever their size. */
  static final int CHUNK_MESSAGES = 128;

  /** Messages of a queue's first chunk. */
  static final int FIRST_CHUNK_MESSAGES = 16;

  /** Free chunks kept: 16 MiB. */
  private static final int KEPT = 256;

  private final ArrayDeque<Chunk> free = new ArrayDeque<>();

  Chunk first() {
    return new Chunk(this, FIRST_CHUNK_BYTES, FIRST_CHUNK_MESSAGES);
  }

  Chunk take() {
    synchronized (free) {
      Chunk c = free.pollFirst();
      if (c != null) {
        return c;
      }
    }
    return new Chunk(this, CHUNK_BYTES, CHUNK_MESSAGES);
  }

  void give(Chunk chunk) {
    if (chunk.buf.length != CHUNK_BYTES) {
      return;
    }
    chunk.recycle();
    synchronized (free) {
      if (free.size() < KEPT) {
        free.addFirst(chunk);
      }
    }
  }
}
