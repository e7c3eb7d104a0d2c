package dev.quic.dataplane.core.common;

import java.util.Arrays;

/**
 * A cursor over bytes somebody else wrote. Never throws for what the bytes say: the first read past
 * the end sets a sticky error, moves to the end and makes every later read return 0, so a parser
 * may read a whole structure and ask {@link #ok} once. Reusable; big-endian.
 */
public final class Reader {
  private byte[] buf = new byte[0];
  private int pos;
  private int end;
  private boolean failed;

  public Reader() {}

  public Reader(byte[] buf, int off, int len) {
    wrap(buf, off, len);
  }

  /** Starts over on {@code len} bytes at {@code off}; a range outside the array reads as failed. */
  public Reader wrap(byte[] bytes, int off, int len) {
    buf = bytes;
    failed = off < 0 || len < 0 || len > bytes.length - off;
    pos = failed ? 0 : off;
    end = failed ? 0 : off + len;
    return this;
  }

  /** The array read from. */
  public byte[] array() {
    return buf;
  }

  /** Offset in the array of the next byte. */
  public int position() {
    return pos;
  }

  /** Offset in the array after the last byte. */
  public int end() {
    return end;
  }

  public int remaining() {
    return end - pos;
  }

  /** No read went past the end. */
  public boolean ok() {
    return !failed;
  }

  /** Sets the error, for a parser that found something wrong itself. */
  public void fail() {
    failed = true;
    pos = end;
  }

  private boolean need(int n) {
    if (n >= 0 && end - pos >= n) {
      return true;
    }
    fail();
    return false;
  }

  /** The next byte without moving, 0 to 255; -1 at the end (which is no error). */
  public int peek() {
    return pos < end ? buf[pos] & 0xff : -1;
  }

  public int u8() {
    return need(1) ? buf[pos++] & 0xff : 0;
  }

  public int u16() {
    return (int) fixed(2);
  }

  /** 32 bits as an int. */
  public int u32() {
    return (int) fixed(4);
  }

  public long u64() {
    return fixed(8);
  }

  /** Big-endian number of 1 to 8 bytes. */
  public long fixed(int bytes) {
    if (!need(bytes)) {
      return 0;
    }
    long v = 0;
    for (int i = 0; i < bytes; i++) {
      v = v << 8 | buf[pos++] & 0xff;
    }
    return v;
  }

  public long varint() {
    long v = Varint.read(buf, pos, end);
    if (v < 0) {
      fail();
      return 0;
    }
    pos += Varint.length(buf[pos]);
    return v;
  }

  /** A varint used as a length of bytes that must follow; 0 and the error set when they do not. */
  public int length() {
    long v = varint();
    if (v > remaining()) {
      fail();
      return 0;
    }
    return (int) v;
  }

  public void skip(int n) {
    if (need(n)) {
      pos += n;
    }
  }

  /** Copies {@code len} bytes out; nothing is copied when they are not there. */
  public void read(byte[] dst, int off, int len) {
    if (need(len)) {
      System.arraycopy(buf, pos, dst, off, len);
      pos += len;
    }
  }

  /** The next {@code len} bytes in an array of their own; empty when they are not there. */
  public byte[] bytes(int len) {
    if (!need(len)) {
      return new byte[0];
    }
    byte[] out = Arrays.copyOfRange(buf, pos, pos + len);
    pos += len;
    return out;
  }
}
