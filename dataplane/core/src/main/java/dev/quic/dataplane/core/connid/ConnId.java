package dev.quic.dataplane.core.connid;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.NetworkOrder;
import org.jspecify.annotations.Nullable;

/** A connection id of 0 to 20 bytes as a value. Immutable; compares and hashes without an array. */
public final class ConnId implements Comparable<ConnId> {
  /** The empty id. */
  public static final ConnId EMPTY = new ConnId(0, 0, 0, 0);

  private final long a;
  private final long b;
  private final int c;
  private final byte length;

  private ConnId(long a, long b, int c, int length) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.length = (byte) length;
  }

  /**
   * Copies an id out of a buffer.
   *
   * @param len 0 to {@link Limits#CONN_ID_BYTES}
   */
  public static ConnId of(byte[] buf, int off, int len) {
    if (len < 0 || len > Limits.CONN_ID_BYTES) {
      throw new IllegalArgumentException("connection id of " + len + " bytes");
    }
    if (len == 0) {
      return EMPTY;
    }
    return new ConnId(
        part(buf, off, Math.min(len, 8), 8),
        part(buf, off + 8, Math.min(len - 8, 8), 8),
        (int) part(buf, off + 16, len - 16, 4),
        len);
  }

  public static ConnId of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  /** An id of 8 bytes, as this core issues them. */
  public static ConnId ofKey(long key) {
    return new ConnId(key, 0, 0, 8);
  }

  /** {@code len} bytes (0 or less for none) left-aligned in {@code width} bytes. */
  private static long part(byte[] buf, int off, int len, int width) {
    long v = 0;
    for (int i = 0; i < width; i++) {
      v = v << 8 | (i < len ? buf[off + i] & 0xff : 0);
    }
    return v;
  }

  /** The 8 bytes at {@code off} as the key of an id of 8 bytes. */
  public static long key(byte[] buf, int off) {
    return NetworkOrder.getLong(buf, off);
  }

  public int length() {
    return length;
  }

  public boolean isEmpty() {
    return length == 0;
  }

  /** The first 8 bytes, zero-padded; identifies an id of 8 bytes fully. */
  public long key() {
    return a;
  }

  /** Bytes 8i to 8i+7, first byte highest, zeros behind the end; {@code i} 0 to 2. */
  public long word(int i) {
    return i == 0 ? a : i == 1 ? b : (long) c << 32;
  }

  /** Byte {@code i}, 0 to length-1. */
  public byte at(int i) {
    if (i < 8) {
      return (byte) (a >>> 56 - 8 * i);
    }
    return i < 16 ? (byte) (b >>> 56 - 8 * (i - 8)) : (byte) (c >>> 24 - 8 * (i - 16));
  }

  /**
   * Writes the bytes.
   *
   * @return the offset after them
   */
  public int write(byte[] buf, int off) {
    if (length == Long.BYTES) {
      NetworkOrder.putLong(buf, off, a);
      return off + Long.BYTES;
    }
    for (int i = 0; i < length; i++) {
      buf[off + i] = at(i);
    }
    return off + length;
  }

  public byte[] toBytes() {
    byte[] out = new byte[length];
    write(out, 0);
    return out;
  }

  /** Whether the bytes at {@code off} are this id. */
  public boolean matches(byte[] buf, int off, int len) {
    if (len != length) {
      return false;
    }
    for (int i = 0; i < len; i++) {
      if (buf[off + i] != at(i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof ConnId d && a == d.a && b == d.b && c == d.c && length == d.length;
  }

  @Override
  public int hashCode() {
    long h = (a ^ b * 0x9e3779b97f4a7c15L ^ c) * 0xd6e8feb86659fd93L + length;
    return (int) (h ^ h >>> 32);
  }

  /** Ordered, so that a hash map full of colliding ids stays fast. */
  @Override
  public int compareTo(ConnId o) {
    int r = Long.compareUnsigned(a, o.a);
    r = r != 0 ? r : Long.compareUnsigned(b, o.b);
    r = r != 0 ? r : Integer.compareUnsigned(c, o.c);
    return r != 0 ? r : Integer.compare(length, o.length);
  }

  /** Hexadecimal. */
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder(2 * length);
    for (int i = 0; i < length; i++) {
      s.append(Character.forDigit(at(i) >> 4 & 15, 16)).append(Character.forDigit(at(i) & 15, 16));
    }
    return s.toString();
  }
}
