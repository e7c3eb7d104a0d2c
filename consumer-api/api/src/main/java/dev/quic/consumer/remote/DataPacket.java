package dev.quic.consumer.remote;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One packet of a data descriptor (docs/protocol.md). Mutable; confined to one thread at a time.
 */
final class DataPacket {
  static final int SEND = 1;
  static final int RECV = 2;
  static final int ACCEPT = 3;
  static final int RESULT = 4;
  static final int CLOSED = 5;

  /** Bytes one packet carries; a longer sendmsg becomes several. */
  static final int MAX_PAYLOAD = 1 << 16;

  /** Flag of a SEND that asks for a RESULT. */
  static final int WANT_RESULT = 1 << 31;

  final int type;
  int cmsg = -1;
  int flags;
  long streamId;
  int streamFlags;
  int seq;

  /** The descriptor that came with an ACCEPT. */
  @Nullable Closeable descriptor;

  private byte[] bytes = new byte[0];
  private int offset;
  private int length;

  DataPacket(int type) {
    this.type = type;
  }

  /** Refers to the bytes, does not copy them. */
  void payload(byte[] buf, int off, int len) {
    bytes = buf;
    offset = off;
    length = len;
  }

  byte[] bytes() {
    return bytes;
  }

  int offset() {
    return offset;
  }

  /** Payload bytes not yet consumed. */
  int length() {
    return length;
  }

  int copyTo(byte[] buf, int off, int max) {
    int n = Math.min(max, length);
    System.arraycopy(bytes, offset, buf, off, n);
    return n;
  }

  void consume(int n) {
    offset += n;
    length -= n;
  }

  /** Lets go of a packet nobody wants, its descriptor included. */
  void discard() {
    if (descriptor != null) {
      try {
        descriptor.close();
      } catch (IOException e) {
        // Closing was all there was to do with it.
        return;
      }
    }
  }
}
