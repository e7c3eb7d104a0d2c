package dev.quic.dataplane.core.stream;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a stream on their way out, one after the other, in pieces: copied into pooled chunks, or
 * lent by whoever has them. Nothing is taken before the first byte.
 */
final class Pieces {
  private static final int FEW = 2;
  private static final long[] NO_LONGS = {};
  private static final int[] NO_INTS = {};
  private static final byte[][] NO_BYTES = {};
  private static final byte[] NO_PIECE = {};
  private static final @Nullable Lease[] NO_LEASES = {};

  /** Of a buffer that was never written to; nothing is ever appended. */
  static final Pieces NONE = new Pieces(new ChunkPool());

  private final ChunkPool pool;

  // A ring of columns: where a piece begins in the stream and in its array, and whose it is.
  private long[] start = NO_LONGS;
  private int[] from = NO_INTS;
  private byte[][] buf = NO_BYTES;
  private @Nullable Lease[] owner = NO_LEASES;
  private int head;
  private int count;
  private long end;

  /** The piece read last, counted from the head: most often the next one to be read, too. */
  private int read;

  Pieces(ChunkPool pool) {
    this.pool = pool;
  }

  /** Offset behind the last byte. */
  long end() {
    return end;
  }

  private int slot(int i) {
    return head + i & start.length - 1;
  }

  private long startOf(int i) {
    return start[slot(i)];
  }

  private long endOf(int i) {
    return i + 1 < count ? startOf(i + 1) : end;
  }

  /** Copies bytes in behind the last. */
  void append(byte[] src, int off, int len) {
    int at = off;
    int left = len;
    while (left > 0) {
      int room = roomAtEnd();
      if (room == 0) {
        add(chunk(left), 0, null);
        continue;
      }
      int n = Math.min(left, room);
      int last = slot(count - 1);
      System.arraycopy(src, at, buf[last], from[last] + (int) (end - start[last]), n);
      end += n;
      at += n;
      left -= n;
    }
  }

  private int roomAtEnd() {
    if (count == 0 || owner[slot(count - 1)] != null) {
      return 0;
    }
    int last = slot(count - 1);
    return buf[last].length - from[last] - (int) (end - start[last]);
  }

  /** A stream of little data takes little, and one with little of it under way does again. */
  private byte[] chunk(int bytes) {
    if (count == 0 && bytes <= Limits.SMALL_CHUNK) {
      return pool.takeSmall(Limits.SMALL_CHUNK);
    }
    int size = Limits.SMALL_CHUNK;
    while (size < bytes && size < ChunkPool.SIZE) {
      size <<= 2;
    }
    return end < ChunkPool.SIZE && size < ChunkPool.SIZE ? pool.takeSmall(size) : pool.take();
  }

  /** Puts bytes behind the last without copying them. */
  void lend(byte[] src, int off, int len, Lease lease) {
    pool.charge(len);
    if (continues(off, lease)) {
      end += len;
      return;
    }
    lease.retain();
    add(src, off, lease);
    end += len;
  }

  /** Whether bytes at {@code off} follow those of the last piece. */
  private boolean continues(int off, Lease lease) {
    if (count == 0) {
      return false;
    }
    int last = slot(count - 1);
    return owner[last] == lease && from[last] + end - start[last] == off;
  }

  private void add(byte[] bytes, int off, @Nullable Lease lease) {
    if (count == start.length) {
      grow();
    }
    int i = slot(count++);
    start[i] = end;
    from[i] = off;
    buf[i] = bytes;
    owner[i] = lease;
  }

  private void grow() {
    int n = Math.max(FEW, 2 * start.length);
    long[] s = new long[n];
    int[] f = new int[n];
    byte[][] b = new byte[n][];
    @Nullable Lease[] o = new Lease[n];
    for (int i = 0; i < count; i++) {
      int at = slot(i);
      s[i] = start[at];
      f[i] = from[at];
      b[i] = buf[at];
      o[i] = owner[at];
    }
    start = s;
    from = f;
    buf = b;
    owner = o;
    head = 0;
  }

  /** Copies bytes out; they must not lie below what was released. */
  void read(long offset, byte[] dst, int pos, int len) {
    int i = find(offset);
    long at = offset;
    int p = pos;
    int left = len;
    while (left > 0) {
      int s = slot(i);
      int n = (int) Math.min(left, endOf(i) - at);
      System.arraycopy(buf[s], from[s] + (int) (at - start[s]), dst, p, n);
      at += n;
      p += n;
      left -= n;
      read = i;
      i++;
    }
  }

  /** The piece with this byte in it. */
  private int find(long offset) {
    for (int i = read; i < Math.min(count, read + 2); i++) {
      if (startOf(i) <= offset && offset < endOf(i)) {
        return i;
      }
    }
    int lo = 0;
    int hi = count - 1;
    while (lo < hi) {
      int mid = lo + hi + 1 >>> 1;
      if (startOf(mid) <= offset) {
        lo = mid;
      } else {
        hi = mid - 1;
      }
    }
    return lo;
  }

  /** Gives back every piece that ends at or below {@code offset}. */
  void release(long offset) {
    while (count > 0 && endOf(0) <= offset && (count > 1 || roomAtEnd() == 0)) {
      drop();
    }
  }

  private void drop() {
    int s = slot(0);
    Lease lease = owner[s];
    if (lease == null) {
      pool.give(buf[s]);
    } else {
      pool.charge(start[s] - endOf(0));
      lease.release();
    }
    buf[s] = NO_PIECE;
    owner[s] = null;
    head = head + 1 & start.length - 1;
    count--;
    read = Math.max(0, read - 1);
  }

  /** Gives back everything; offsets go on. */
  void clear() {
    while (count > 0) {
      drop();
    }
  }
}
