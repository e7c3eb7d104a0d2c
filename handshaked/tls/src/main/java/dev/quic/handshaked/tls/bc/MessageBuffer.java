package dev.quic.handshaked.tls.bc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Cuts a byte stream into handshake messages (RFC 8446 section 4). Confined to one thread. */
final class MessageBuffer {
  /** type and length. */
  static final int HEADER = 4;

  private byte[] bytes = new byte[512];
  private int start;
  private int end;

  void add(byte[] more, int off, int len) {
    if (start == end) {
      start = 0;
      end = 0;
    }
    if (bytes.length - end < len) {
      byte[] target =
          bytes.length - (end - start) < len
              ? new byte[Math.max(bytes.length * 2, end - start + len)]
              : bytes;
      System.arraycopy(bytes, start, target, 0, end - start);
      end -= start;
      start = 0;
      bytes = target;
    }
    System.arraycopy(more, off, bytes, end, len);
    end += len;
  }

  boolean isEmpty() {
    return start == end;
  }

  /** Length of the message that starts here, header included; -1 while the header is not whole. */
  int messageLength() {
    if (end - start < HEADER) {
      return -1;
    }
    int length =
        (bytes[start + 1] & 0xff) << 16
            | (bytes[start + 2] & 0xff) << 8
            | (bytes[start + 3] & 0xff);
    return HEADER + length;
  }

  /** The next whole message, header included; null while there is none. */
  byte @Nullable [] next() {
    int length = messageLength();
    if (length < 0 || end - start < length) {
      return null;
    }
    byte[] message = Arrays.copyOfRange(bytes, start, start + length);
    start += length;
    return message;
  }
}
