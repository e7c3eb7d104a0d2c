package dev.quic.dataplane.core.common;

/**
 * A cursor to write with. A write that does not fit sets a sticky error and writes nothing, so a
 * builder may ask {@link #ok} once. Reusable; big-endian.
 */
public final class Writer {
  private byte[] buf = new byte[0];
  private int pos;
  private int end;
  private boolean failed;

  public Writer() {}

  public Writer(byte[] buf, int off, int len) {
    wrap(buf, off, len);
  }

  /** Starts over on {@code len} bytes at {@code off}; a range outside the array takes nothing. */
  public Writer wrap(byte[] bytes, int off, int len) {
    buf = bytes;
    failed = off < 0 || len < 0 || len > bytes.length - off;
    pos = failed ? 0 : off;
    end = failed ? 0 : off + len;
    return this;
  }

  public byte[] array() {
    return buf;
  }

  /** Offset in the array of the next byte. */
  public int position() {
    return pos;
  }

  /** Goes back to an offset this writer was at, or forward over bytes filled by other means. */
  public void position(int newPos) {
    if (newPos >= 0 && newPos <= end) {
      pos = newPos;
    } else {
      failed = true;
    }
  }

  public int remaining() {
    return end - pos;
  }

  /** Every write fitted. */
  public boolean ok() {
    return !failed;
  }

  private boolean room(int n) {
    if (!failed && end - pos >= n) {
      return true;
    }
    failed = true;
    return false;
  }

  public Writer u8(int v) {
    if (room(1)) {
      buf[pos++] = (byte) v;
    }
    return this;
  }

  public Writer u16(int v) {
    return fixed(v, 2);
  }

  public Writer u32(int v) {
    return fixed(v, 4);
  }

  public Writer u64(long v) {
    return fixed(v, 8);
  }

  /** The low {@code bytes} bytes (1 to 8) of a number. */
  public Writer fixed(long v, int bytes) {
    if (room(bytes)) {
      for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        buf[pos++] = (byte) (v >>> shift);
      }
    }
    return this;
  }

  /** A value outside 0 to {@link Varint#MAX} sets the error. */
  public Writer varint(long v) {
    return varint(v, Varint.size(v));
  }

  /** In a length of 1, 2, 4 or 8 bytes, at least its size; for fields filled in afterwards. */
  public Writer varint(long v, int bytes) {
    int least = Varint.size(v);
    if (least == 0 || bytes < least) {
      failed = true;
    } else if (room(bytes)) {
      pos = Varint.write(buf, pos, v, bytes);
    }
    return this;
  }

  public Writer bytes(byte[] src) {
    return bytes(src, 0, src.length);
  }

  public Writer bytes(byte[] src, int off, int len) {
    if (room(len)) {
      System.arraycopy(src, off, buf, pos, len);
      pos += len;
    }
    return this;
  }

  /** {@code n} zero bytes, which are PADDING frames. */
  public Writer zeros(int n) {
    if (room(n)) {
      java.util.Arrays.fill(buf, pos, pos + n, (byte) 0);
      pos += n;
    }
    return this;
  }
}
