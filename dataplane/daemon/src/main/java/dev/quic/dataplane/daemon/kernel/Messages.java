package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicMsg;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The header of a message, as a program and as the core have it. */
final class Messages {
  /** Of struct quic_stream_info: where its flags are, and its bytes that count. */
  private static final int STREAM_FLAGS = 8;

  private static final int STREAM_INFO = 12;

  private Messages() {}

  static void copy(QuicMsg from, Msg to) {
    to.flags = from.flags;
    to.cmsg = from.cmsg;
    to.streamId = from.streamId;
    to.streamFlags = from.streamFlags;
    to.cryptoLevel = from.cryptoLevel;
  }

  /** Whether the flags of a struct quic_stream_info say that its call shall not wait. */
  static boolean dontWait(byte[] info) {
    if (info.length < STREAM_INFO) {
      return false;
    }
    int flags = ByteBuffer.wrap(info).order(ByteOrder.LITTLE_ENDIAN).getInt(STREAM_FLAGS);
    return (flags & QuicUapi.MSG_QUIC_STREAM_DONTWAIT) != 0;
  }

  static void copy(Msg from, QuicMsg to) {
    to.flags = from.flags;
    to.cmsg = from.cmsg;
    to.streamId = from.streamId;
    to.streamFlags = from.streamFlags;
    to.cryptoLevel = from.cryptoLevel;
  }
}
