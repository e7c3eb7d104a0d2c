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

  // The chunk that begins later than others do, at its first byte: a little in the middle of a long
  // stream takes little. Its index, where in a full chunk it begins and where its bytes end.
  private long late = -1;
  private int lateFrom;
  private int lateEnd;

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
      long index = o >>> SHIFT;
      byte[] chunk = chunkFor(index, at, n);
      int skip = 0;
      if (index == late) {
        skip = lateFrom;
        lateEnd = Math.max(lateEnd, at + n);
      }
      System.arraycopy(src, p, chunk, at - skip, n);
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
      long index = o >>> SHIFT;
      byte[] chunk = ring[(int) index & ring.length - 1];
      int at = (int) o & MASK;
      int n = Math.min(left, ChunkPool.SIZE - at);
      if (chunk != null) {
        System.arraycopy(chunk, index == late ? at - lateFrom : at, dst, p, n);
      }
      o += n;
      p += n;
      left -= n;
    }
  }

  /** The chunk of this index, with room for {@code n} bytes {@code at} bytes behind its start. */
  private byte[] chunkFor(long index, int at, int n) {
    while (ring == NONE || index - first >= ring.length) {
      grow();
    }
    int slot = (int) index & ring.length - 1;
    byte[] chunk = ring[slot];
    if (chunk == null) {
      chunk = fresh(index, at, n);
      ring[slot] = chunk;
      last = Math.max(last, index);
      return chunk;
    }
    int from = index == late ? lateFrom : 0;
    if (at < from || at - from + n > chunk.length) {
      chunk = larger(index, chunk, at + n);
      ring[slot] = chunk;
    }
    return chunk;
  }

  private byte[] fresh(long index, int at, int n) {
    boolean little = last < first && (index == 0 || n <= Limits.SMALL_CHUNK);
    if (little) {
      late = index;
      lateFrom = at;
      lateEnd = at;
      return sized(n);
    }
    late = index == late ? -1 : late;
    return index == 0 ? sized(at + n) : pool.take();
  }

  /** A chunk in place of one that is too small, or begins too late. */
  private byte[] larger(long index, byte[] chunk, int end) {
    boolean wasLate = index == late;
    int from = wasLate ? lateFrom : 0;
    int used = wasLate ? lateEnd - from : chunk.length;
    byte[] bigger = index == 0 ? sized(Math.max(from + used, end)) : pool.take();
    System.arraycopy(chunk, 0, bigger, from, used);
    pool.give(chunk);
    late = wasLate ? -1 : late;
    return bigger;
  }

  /** A stream of little data takes little. */
  private byte[] sized(int bytes) {
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
