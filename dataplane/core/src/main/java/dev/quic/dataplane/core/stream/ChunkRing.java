package dev.quic.dataplane.core.stream;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Bytes addressed by stream offset, in pooled chunks; holes cost nothing until written. Offsets
 * below {@link #release} are gone.
 */
final class ChunkRing {
  private static final int SHIFT = Integer.numberOfTrailingZeros(ChunkPool.SIZE);
  private static final int MASK = ChunkPool.SIZE - 1;

  private final ChunkPool pool;
  private static final int FEW = 4;
  private static final byte[] @Nullable [] NONE = new byte[1][];

  // What it begins with is never written to.
  private byte[] @Nullable [] ring = NONE;
  private long first;
  private long last = -1;

  ChunkRing(ChunkPool pool) {
    this.pool = pool;
  }

  /** Copies bytes in; {@code offset} must not lie below what was released. */
  void write(long offset, byte[] src, int pos, int len) {
    long o = offset;
    int p = pos;
    int left = len;
    while (left > 0) {
      int at = (int) o & MASK;
      int n = Math.min(left, ChunkPool.SIZE - at);
      byte[] chunk = chunkFor(o >>> SHIFT, at + n);
      System.arraycopy(src, p, chunk, at, n);
      o += n;
      p += n;
      left -= n;
    }
  }

  /** Copies bytes out that were written before. */
  void read(long offset, byte[] dst, int pos, int len) {
    long o = offset;
    int p = pos;
    int left = len;
    while (left > 0) {
      byte[] chunk = ring[(int) (o >>> SHIFT) & ring.length - 1];
      int at = (int) o & MASK;
      int n = Math.min(left, ChunkPool.SIZE - at);
      if (chunk != null) {
        System.arraycopy(chunk, at, dst, p, n);
      }
      o += n;
      p += n;
      left -= n;
    }
  }

  /** The chunk of this index, at least {@code bytes} long. */
  private byte[] chunkFor(long index, int bytes) {
    while (ring == NONE || index - first >= ring.length) {
      grow();
    }
    int slot = (int) index & ring.length - 1;
    byte[] chunk = ring[slot];
    if (chunk == null) {
      chunk = index == 0 ? first(bytes) : pool.take();
      ring[slot] = chunk;
      last = Math.max(last, index);
    } else if (chunk.length < bytes) {
      byte[] bigger = first(bytes);
      System.arraycopy(chunk, 0, bigger, 0, chunk.length);
      pool.give(chunk);
      chunk = bigger;
      ring[slot] = chunk;
    }
    return chunk;
  }

  /** A stream of little data takes little. */
  private byte[] first(int bytes) {
    int size = Limits.SMALL_CHUNK;
    while (size < bytes) {
      size <<= 2;
    }
    return size >= ChunkPool.SIZE ? pool.take() : pool.takeSmall(size);
  }

  private void grow() {
    byte[] @Nullable [] bigger = new byte[Math.max(FEW, 2 * ring.length)][];
    for (long i = first; i <= last; i++) {
      bigger[(int) i & bigger.length - 1] = ring[(int) i & ring.length - 1];
    }
    ring = bigger;
  }

  /** Gives back every chunk that lies wholly below {@code offset}. */
  void release(long offset) {
    long keep = offset >>> SHIFT;
    for (; first < keep && first <= last; first++) {
      int slot = (int) first & ring.length - 1;
      byte[] chunk = ring[slot];
      if (chunk != null) {
        ring[slot] = null;
        pool.give(chunk);
      }
    }
    first = Math.max(first, keep);
  }

  /** Nothing written is wanted any more: gives every chunk back; offsets go on. */
  void vacate() {
    for (long i = first; i <= last; i++) {
      int slot = (int) i & ring.length - 1;
      byte[] chunk = ring[slot];
      if (chunk != null) {
        ring[slot] = null;
        pool.give(chunk);
      }
    }
    last = first - 1;
  }

  /** Gives back everything. */
  void clear() {
    release((last + 1) << SHIFT);
  }
}
