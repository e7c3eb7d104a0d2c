package dev.quic.dataplane.core.socket;

/**
 * Little-endian fields of option and event structs. Reads beyond the end give zero, as the kernel
 * fills a short option with zeros.
 */
final class OptionBytes {
  private OptionBytes() {}

  static int get8(byte[] b, int off) {
    return off < b.length ? b[off] & 0xff : 0;
  }

  static int get16(byte[] b, int off) {
    return get8(b, off) | get8(b, off + 1) << 8;
  }

  /** Unsigned. */
  static long get32(byte[] b, int off) {
    return get16(b, off) | (long) get16(b, off + 2) << 16;
  }

  static long get64(byte[] b, int off) {
    return get32(b, off) | get32(b, off + 4) << 32;
  }

  static void put16(byte[] b, int off, long v) {
    b[off] = (byte) v;
    b[off + 1] = (byte) (v >>> 8);
  }

  static void put32(byte[] b, int off, long v) {
    put16(b, off, v);
    put16(b, off + 2, v >>> 16);
  }

  static void put64(byte[] b, int off, long v) {
    put32(b, off, v);
    put32(b, off + 4, v >>> 32);
  }

  /** Copies an answer, cut to the caller's buffer; returns the number of bytes. */
  static int answer(byte[] struct, byte[] value, int len) {
    int n = Math.min(struct.length, Math.min(len, value.length));
    System.arraycopy(struct, 0, value, 0, n);
    return n;
  }
}
