package dev.quic.uapi.option;

import java.util.Arrays;

/**
 * A C struct of an option value: little-endian fields at fixed offsets. As in the kernel, shorter
 * input counts as followed by zeros and longer input is cut.
 */
final class Struct {
  private final byte[] bytes;

  private Struct(byte[] bytes) {
    this.bytes = bytes;
  }

  static Struct of(int size) {
    return new Struct(new byte[size]);
  }

  static Struct of(byte[] value, int size) {
    return new Struct(Arrays.copyOf(value, size));
  }

  Struct put(int off, int width, long v) {
    for (int i = 0; i < width; i++) {
      bytes[off + i] = (byte) (v >> (8 * i));
    }
    return this;
  }

  Struct put(int off, byte[] src, int max) {
    System.arraycopy(src, 0, bytes, off, Math.min(src.length, max));
    return this;
  }

  long get(int off, int width) {
    long v = 0;
    for (int i = width - 1; i >= 0; i--) {
      v = (v << 8) | (bytes[off + i] & 0xff);
    }
    return v;
  }

  int u8(int off) {
    return bytes[off] & 0xff;
  }

  boolean flag(int off) {
    return bytes[off] != 0;
  }

  byte[] bytes(int off, int len) {
    return Arrays.copyOfRange(bytes, off, off + len);
  }

  byte[] bytes() {
    return bytes;
  }
}
