package dev.quic.consumer;

import dev.quic.uapi.door.Door;
import dev.quic.uds.SeqPacket;

/**
 * One packet of a data descriptor (docs/protocol.md). Mutable; confined to one thread at a time.
 */
final class DataPacket {
  static final int SEND = Door.DATA_SEND;
  static final int RECV = Door.DATA_RECV;
  static final int ACCEPT = Door.DATA_ACCEPT;
  static final int RESULT = Door.DATA_RESULT;
  static final int CLOSED = Door.DATA_CLOSED;
  static final int NEWS = Door.DATA_NEWS;

  /** Bytes one packet carries; a longer sendmsg becomes several. */
  static final int MAX_PAYLOAD = Door.MAX_DATA;

  /** Flag of a SEND that asks for a RESULT. */
  static final int WANT_RESULT = Door.WANT_RESULT;

  /** No descriptor came along. */
  static final int NO_DESCRIPTOR = -1;

  final int type;
  int cmsg = -1;
  int flags;
  long streamId;
  int streamFlags;
  int seq;

  /** The descriptor that came with an ACCEPT, owned by whoever has the packet. */
  int descriptor = NO_DESCRIPTOR;

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

  /** Whether the payload is in this buffer already, from its very place on. */
  boolean isIn(byte[] buf, int off) {
    return bytes == buf && offset == off;
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
    if (descriptor != NO_DESCRIPTOR) {
      SeqPacket.closeDescriptor(descriptor);
      descriptor = NO_DESCRIPTOR;
    }
  }
}
