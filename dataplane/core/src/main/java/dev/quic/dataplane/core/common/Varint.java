package dev.quic.dataplane.core.common;

/** Variable-length integers, RFC 9000 section 16. Stateless. */
public final class Varint {
  private Varint() {}

  /** Largest value, 2^62-1. */
  public static final long MAX = (1L << 62) - 1;

  /** Bytes of the shortest encoding: 1, 2, 4 or 8; 0 for a value outside 0 to {@link #MAX}. */
  public static int size(long value) {
    if (value < 0) {
      return 0;
    }
    if (value < 1L << 6) {
      return 1;
    }
    if (value < 1L << 14) {
      return 2;
    }
    if (value < 1L << 30) {
      return 4;
    }
    return value <= MAX ? 8 : 0;
  }

  /** Length of the encoding that starts with this byte. */
  public static int length(byte first) {
    return 1 << ((first & 0xc0) >>> 6);
  }

  /** Reads at {@code off}; -1 when the encoding does not end by {@code end} (exclusive). */
  public static long read(byte[] buf, int off, int end) {
    if (off < 0 || off >= end || end > buf.length) {
      return -1;
    }
    byte first = buf[off];
    if (first >= 0 && first < 0x40) {
      return first;
    }
    int n = length(first);
    if (end - off < n) {
      return -1;
    }
    return switch (n) {
      case 2 -> NetworkOrder.getShort(buf, off) & 0x3fff;
      case 4 -> NetworkOrder.getInt(buf, off) & 0x3fff_ffff;
      default -> NetworkOrder.getLong(buf, off) & MAX;
    };
  }

  /**
   * Writes the shortest encoding; the caller has checked the room ({@link #size}).
   *
   * @return the offset after it
   */
  public static int write(byte[] buf, int off, long value) {
    return write(buf, off, value, size(value));
  }

  /**
   * Writes in a given length.
   *
   * @param bytes 1, 2, 4 or 8, not less than {@link #size}
   * @return the offset after it
   */
  public static int write(byte[] buf, int off, long value, int bytes) {
    switch (bytes) {
      case 1 -> buf[off] = (byte) value;
      case 2 -> NetworkOrder.putShort(buf, off, (int) value | 0x4000);
      case 4 -> NetworkOrder.putInt(buf, off, (int) value | 0x8000_0000);
      default -> NetworkOrder.putLong(buf, off, value | 0xc000_0000_0000_0000L);
    }
    return off + bytes;
  }
}
