package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.socket.Msg;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The packets of data descriptors, built from and taken apart into the core's messages. */
final class DataPackets {
  private DataPackets() {}

  static final int HEADER = 24;

  static final int SEND = 1;
  static final int RECV = 2;
  static final int ACCEPT = 3;
  static final int RESULT = 4;
  static final int CLOSED = 5;

  /** Bit 31 of a SEND's flags: answer it. */
  static final int WANT_RESULT = 1 << 31;

  private static final int NO_CMSG = 0xffff;

  static ByteBuffer wrap(byte[] packet) {
    return wrap(packet, 0, packet.length);
  }

  static ByteBuffer wrap(byte[] buf, int off, int len) {
    return ByteBuffer.wrap(buf, off, len).slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  static int type(ByteBuffer packet) {
    return packet.getShort(packet.position()) & 0xffff;
  }

  static int seq(ByteBuffer packet) {
    return packet.getInt(packet.position() + 20);
  }

  /**
   * Takes a SEND's header apart; the buffer stays where it is.
   *
   * @return whether the program wants a RESULT
   */
  static boolean send(ByteBuffer packet, Msg into) {
    int at = packet.position();
    int cmsg = packet.getShort(at + 2) & 0xffff;
    int flags = packet.getInt(at + 4);
    into.reset();
    into.flags = flags & ~WANT_RESULT;
    into.cmsg = cmsg == NO_CMSG ? Msg.CMSG_NONE : cmsg;
    if (cmsg == dev.quic.uapi.QuicUapi.QUIC_HANDSHAKE_INFO) {
      into.cryptoLevel = packet.getInt(at + 16);
    } else {
      into.streamId = packet.getLong(at + 8);
      into.streamFlags = packet.getInt(at + 16);
    }
    return (flags & WANT_RESULT) != 0;
  }

  static ByteBuffer recv(ByteBuffer into, Msg m, byte[] buf, int off, int len) {
    boolean handshake = m.cmsg == dev.quic.uapi.QuicUapi.QUIC_HANDSHAKE_INFO;
    header(
        into,
        RECV,
        m.cmsg == Msg.CMSG_NONE ? NO_CMSG : m.cmsg,
        m.flags,
        m.streamId,
        handshake ? m.cryptoLevel : m.streamFlags,
        0);
    return into.put(buf, off, len).flip();
  }

  static ByteBuffer accept(ByteBuffer into, long cookie, byte[] sockaddr) {
    header(into, ACCEPT, NO_CMSG, 0, cookie, 0, 0);
    return into.put(sockaddr).flip();
  }

  static ByteBuffer result(ByteBuffer into, int seq, int result) {
    header(into, RESULT, NO_CMSG, 0, result, 0, seq);
    return into.flip();
  }

  static ByteBuffer closed(ByteBuffer into, int errno) {
    header(into, CLOSED, NO_CMSG, 0, errno, 0, 0);
    return into.flip();
  }

  private static void header(
      ByteBuffer into, int type, int cmsg, int flags, long streamId, int streamFlags, int seq) {
    into.clear().order(ByteOrder.LITTLE_ENDIAN);
    into.putShort((short) type).putShort((short) cmsg).putInt(flags);
    into.putLong(streamId).putInt(streamFlags).putInt(seq);
  }
}
