package dev.quic.fuzz.core;

import java.util.Arrays;

/** Reads a fuzzer's bytes; zeros when there are no more. */
final class Input {
  private final byte[] bytes;
  private int at;

  Input(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean more() {
    return at < bytes.length;
  }

  int u8() {
    return at < bytes.length ? bytes[at++] & 0xff : 0;
  }

  int u16() {
    return u8() << 8 | u8();
  }

  /** As many as there are, at most {@code n}. */
  byte[] take(int n) {
    int end = Math.min(bytes.length, at + n);
    byte[] part = Arrays.copyOfRange(bytes, at, end);
    at = end;
    return part;
  }
}
