package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;

/** Between the headers of data packets and the core's messages. */
final class DataMessages {
  private DataMessages() {}

  /** What a SEND asks sendmsg for. */
  static Msg toMsg(DoorData h, Msg into) {
    into.reset();
    into.flags = h.flags & ~Door.WANT_RESULT;
    into.cmsg = h.cmsg == Door.CMSG_NONE ? Msg.CMSG_NONE : h.cmsg;
    if (h.cmsg == QuicUapi.QUIC_HANDSHAKE_INFO) {
      into.cryptoLevel = h.streamFlags;
    } else {
      into.streamId = h.streamId;
      into.streamFlags = h.streamFlags;
    }
    return into;
  }

  /** The RECV that tells what recvmsg returned. */
  static DoorData fromMsg(Msg m, DoorData into) {
    into.reset(Door.DATA_RECV);
    into.flags = m.flags;
    if (m.cmsg != Msg.CMSG_NONE) {
      into.cmsg = m.cmsg;
    }
    into.streamId = m.streamId;
    into.streamFlags = m.cmsg == QuicUapi.QUIC_HANDSHAKE_INFO ? m.cryptoLevel : m.streamFlags;
    return into;
  }
}
