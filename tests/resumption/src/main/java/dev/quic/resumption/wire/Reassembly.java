package dev.quic.resumption.wire;

import dev.quic.dataplane.core.common.RangeSet;
import java.util.Arrays;

/** Puts the bytes of a stream, or of one level's handshake, in order. */
final class Reassembly {
  /** Pieces with gaps between them; more are no honest sender's. */
  private static final int MAX_GAPS = 1_024;

  private final RangeSet have = new RangeSet();
  private final int limit;
  private byte[] bytes = new byte[0];
  private int taken;
  private long end = -1;

  /**
   * @param limit bytes kept, from the start of the stream
   */
  Reassembly(int limit) {
    this.limit = limit;
  }

  /**
   * @return false when the bytes lie beyond the limit
   */
  boolean add(long offset, byte[] from, int off, int len) {
    if (offset + len > limit || have.count() > MAX_GAPS) {
      return false;
    }
    int last = (int) offset + len;
    if (last > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(last, Math.min(limit, 2 * bytes.length)));
    }
    System.arraycopy(from, off, bytes, (int) offset, len);
    have.add(offset, last);
    return true;
  }

  /** The end of the stream is known. */
  void end(long offset) {
    end = offset;
  }

  /** Bytes in order that were not taken yet. */
  byte[] take() {
    int upTo = contiguous();
    byte[] fresh = Arrays.copyOfRange(bytes, taken, upTo);
    taken = upTo;
    return fresh;
  }

  /** All bytes in order so far. */
  byte[] soFar() {
    return Arrays.copyOf(bytes, contiguous());
  }

  boolean whole() {
    return end >= 0 && contiguous() == end;
  }

  private int contiguous() {
    return !have.isEmpty() && have.low(0) == 0 ? (int) have.high(0) : 0;
  }
}
