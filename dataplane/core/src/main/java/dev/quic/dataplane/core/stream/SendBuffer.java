package dev.quic.dataplane.core.stream;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.RangeSet;

/**
 * Bytes on their way out of one stream or CRYPTO level: written once by the program, copied into
 * packets as often as loss demands, freed as they are acknowledged. What is written in large pieces
 * by someone who lends them is not copied before.
 */
public final class SendBuffer {
  private final ChunkPool pool;

  /** Made with the first byte: most buffers never see one. */
  private Pieces bytes = Pieces.NONE;

  private final RangeSet acked = new RangeSet();
  private final RangeSet lost = new RangeSet();
  private long base;
  private long next;

  public SendBuffer(ChunkPool pool) {
    this.pool = pool;
  }

  /** Takes bytes from the program. */
  public void append(byte[] src, int off, int len) {
    pieces().append(src, off, len);
  }

  /** Takes bytes from the program without copying them. */
  public void append(byte[] src, int off, int len, Lease lease) {
    pieces().lend(src, off, len, lease);
  }

  private Pieces pieces() {
    if (bytes == Pieces.NONE) {
      bytes = new Pieces(pool);
    }
    return bytes;
  }

  /** Offset behind the last byte written. */
  public long end() {
    return bytes.end();
  }

  /** Lowest offset never sent. */
  public long next() {
    return next;
  }

  /** Everything below was acknowledged. */
  public long base() {
    return base;
  }

  /** Bytes held: written and not yet freed. */
  public long held() {
    return end() - base;
  }

  /** Whether there is something to send, again or for the first time. */
  public boolean pending() {
    return next < end() || !lost.isEmpty();
  }

  /** Bytes never sent. */
  public long unsent() {
    return end() - next;
  }

  /** Whether what is to be sent next was sent before. */
  public boolean nextIsRetransmission() {
    return !lost.isEmpty();
  }

  /** Offset of what is to be sent next: lost bytes first. */
  public long nextOffset() {
    return lost.isEmpty() ? next : lost.low(0);
  }

  /** Bytes available at {@link #nextOffset} in one piece. */
  public long nextLength() {
    return lost.isEmpty() ? end() - next : lost.high(0) - lost.low(0);
  }

  /** Copies {@code len} bytes at {@link #nextOffset} into a packet and counts them as sent. */
  public void send(byte[] dst, int pos, int len) {
    long at = nextOffset();
    bytes.read(at, dst, pos, len);
    if (lost.isEmpty()) {
      next = at + len;
    } else {
      lost.remove(at, at + len);
    }
  }

  /** Copies bytes at or above {@link #base} without counting them as sent. */
  public void copy(long off, byte[] dst, int pos, int len) {
    bytes.read(off, dst, pos, len);
  }

  /**
   * A range sent before was acknowledged.
   *
   * @return bytes freed
   */
  public long onAcked(long off, long len) {
    long to = off + len;
    if (to <= base) {
      return 0;
    }
    if (!lost.isEmpty()) {
      lost.remove(off, to);
    }
    long old = base;
    if (off <= base) {
      base = to;
      if (!acked.isEmpty() && acked.low(0) <= base) {
        base = Math.max(base, acked.high(0));
        acked.remove(0, base);
        // A range that reached beyond is joined above; several cannot touch by construction.
        while (!acked.isEmpty() && acked.low(0) <= base) {
          base = Math.max(base, acked.high(0));
          acked.remove(0, base);
        }
      }
      bytes.release(base);
      if (base == end()) {
        bytes.clear();
      }
    } else {
      acked.add(off, to);
    }
    return base - old;
  }

  /** A range sent before is to be sent again, but for what was acknowledged meanwhile. */
  public void onLost(long off, long len) {
    long from = Math.max(off, base);
    long to = off + len;
    if (from >= to) {
      return;
    }
    lost.add(from, to);
    for (int i = acked.from(from); i < acked.count() && acked.low(i) < to; i++) {
      lost.remove(acked.low(i), acked.high(i));
    }
  }

  /** Everything sent and not acknowledged is to be sent again (after a Retry or new version). */
  public void resendAll() {
    onLost(base, next - base);
  }

  /** As if nothing had been sent yet; nothing was acknowledged. */
  public void rewind() {
    lost.clear();
    next = base;
  }

  /** Whether every byte was acknowledged. */
  public boolean allAcked() {
    return base == end();
  }

  /** Drops everything held. */
  public void clear() {
    bytes.clear();
    lost.clear();
    acked.clear();
    base = end();
    next = end();
  }
}
