package dev.quic.dataplane.core.stream;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.RangeSet;

/**
 * Bytes on their way in of one stream or CRYPTO level, put in order. Overlaps and repeats are
 * harmless: what was received first stays. The owner bounds offsets by flow control.
 */
public final class RecvBuffer {
  private final ChunkRing bytes;
  private final RangeSet ahead = new RangeSet();
  private long read;
  private long ready;
  private long highest;

  public RecvBuffer(ChunkPool pool) {
    bytes = new ChunkRing(pool);
  }

  /** Takes {@code len} bytes for {@code offset}. */
  public void insert(long offset, byte[] src, int pos, int len) {
    long end = offset + len;
    highest = Math.max(highest, end);
    if (end <= ready) {
      return;
    }
    if (offset <= ready) {
      int skip = (int) (ready - offset);
      if (ahead.isEmpty() || end < ahead.low(0)) {
        bytes.write(ready, src, pos + skip, len - skip);
        ready = end;
        return;
      }
      fill(ready, end, src, pos + skip);
      ready = end;
      while (!ahead.isEmpty() && ahead.low(0) <= ready) {
        ready = Math.max(ready, ahead.high(0));
        ahead.remove(0, ready);
      }
      return;
    }
    fill(offset, end, src, pos);
    ahead.add(offset, end);
  }

  /** Writes only what no earlier frame brought. */
  private void fill(long from, long to, byte[] src, int pos) {
    long at = from;
    for (int i = 0; i < ahead.count() && at < to; i++) {
      if (ahead.high(i) <= at) {
        continue;
      }
      long hole = Math.min(ahead.low(i), to);
      if (hole > at) {
        bytes.write(at, src, pos + (int) (at - from), (int) (hole - at));
      }
      at = Math.max(at, ahead.high(i));
    }
    if (at < to) {
      bytes.write(at, src, pos + (int) (at - from), (int) (to - at));
    }
  }

  /** Disjoint pieces held beyond the first hole. */
  public int pieces() {
    return ahead.count();
  }

  /** Bytes that can be read now. */
  public long readable() {
    return ready - read;
  }

  /** Offset of the next byte to read. */
  public long readOffset() {
    return read;
  }

  /** Offset of the first byte missing. */
  public long ready() {
    return ready;
  }

  /** Offset behind the highest byte received. */
  public long highest() {
    return highest;
  }

  /** Copies out without consuming; returns the number of bytes. */
  public int peek(byte[] dst, int off, int len) {
    int n = (int) Math.min(len, ready - read);
    bytes.read(read, dst, off, n);
    return n;
  }

  /** Copies out and frees; returns the number of bytes. */
  public int read(byte[] dst, int off, int len) {
    int n = peek(dst, off, len);
    read += n;
    bytes.release(read);
    if (read == ready && ahead.isEmpty()) {
      bytes.vacate();
    }
    return n;
  }

  /** Drops everything held; offsets go on counting. */
  public void clear() {
    bytes.clear();
    ahead.clear();
    ready = highest;
    read = highest;
  }
}
