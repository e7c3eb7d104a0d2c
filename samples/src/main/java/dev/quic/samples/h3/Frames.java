package dev.quic.samples.h3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The frames that come on one stream (RFC 9114 section 7), and how frames are written. A frame that
 * is not read to its end is skipped.
 */
final class Frames {
  static final int DATA = 0x0;
  static final int HEADERS = 0x1;
  static final int CANCEL_PUSH = 0x3;
  static final int SETTINGS = 0x4;
  static final int PUSH_PROMISE = 0x5;
  static final int GOAWAY = 0x7;
  static final int MAX_PUSH_ID = 0xd;

  /** Frames of HTTP/2 that HTTP/3 has no use for and does not take (section 7.2.8). */
  private static final Set<Long> OF_HTTP2 = Set.of(0x2L, 0x6L, 0x8L, 0x9L);

  static final long END = -1;

  /** Longest a number gets. */
  private static final int MAX_NUMBER = 8;

  private final InputStream in;
  private long left;

  Frames(InputStream in) {
    this.in = in;
  }

  /**
   * The type of the next frame, {@link #END} where the stream ends.
   *
   * @throws H3Exception where the stream ends within a frame, or for a frame of HTTP/2
   */
  long next() throws IOException {
    try {
      in.skipNBytes(left);
      left = 0;
      long type = number(in);
      if (type == END) {
        return END;
      }
      left = number(in);
      if (left == END) {
        throw new EOFException();
      }
      if (OF_HTTP2.contains(type)) {
        throw unexpected(type);
      }
      return type;
    } catch (EOFException e) {
      throw truncated();
    }
  }

  /** Bytes of the frame that have not been read. */
  long left() {
    return left;
  }

  /**
   * The rest of the frame.
   *
   * @param limit no more than this is read
   * @return null where it is longer
   */
  byte @Nullable [] payload(int limit) throws IOException {
    if (left > limit) {
      return null;
    }
    byte[] bytes = in.readNBytes((int) left);
    if (bytes.length < left) {
      throw truncated();
    }
    left = 0;
    return bytes;
  }

  /** Reads of the frame what is there; -1 at its end. */
  int read(byte[] buffer) throws IOException {
    if (left == 0) {
      return -1;
    }
    int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
    if (n < 0) {
      throw truncated();
    }
    left -= n;
    return n;
  }

  private static H3Exception truncated() {
    return H3Exception.connection(H3Exception.FRAME_ERROR, "the stream ends within a frame");
  }

  static H3Exception unexpected(long type) {
    return H3Exception.connection(
        H3Exception.FRAME_UNEXPECTED, "a frame of type " + type + " where it may not be");
  }

  /**
   * A number of variable length (RFC 9000 section 16).
   *
   * @return {@link #END} where the stream ends before it
   * @throws EOFException where it ends within it
   */
  static long number(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return END;
    }
    long value = first & 0x3f;
    for (int more = (1 << (first >> 6)) - 1; more > 0; more--) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("within a number");
      }
      value = value << 8 | b;
    }
    return value;
  }

  static void writeNumber(OutputStream out, long value) throws IOException {
    int log = 0;
    while (log < 3 && value >>> (8 * (1 << log) - 2) != 0) {
      log++;
    }
    int length = 1 << log;
    byte[] bytes = new byte[MAX_NUMBER];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (value >>> 8 * (length - 1 - i));
    }
    bytes[0] |= (byte) (log << 6);
    out.write(bytes, 0, length);
  }

  /** Begins a frame. */
  static void writeHead(OutputStream out, int type, long length) throws IOException {
    writeNumber(out, type);
    writeNumber(out, length);
  }

  static void write(OutputStream out, int type, byte[] payload) throws IOException {
    writeHead(out, type, payload.length);
    out.write(payload);
  }
}
