package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Carries out the requests that name a socket. Shard thread. */
final class SocketCalls {
  private static final byte[] NOTHING = new byte[0];

  private final boolean privilegedPorts;

  /**
   * @param privilegedPorts whether the process may bind ports below 1024
   */
  SocketCalls(boolean privilegedPorts) {
    this.privilegedPorts = privilegedPorts;
  }

  /** Answers the packet's current request. */
  void run(ControlPacket p, Handle handle, long now) {
    SockFront front = handle.front();
    Sock sock = front == null ? null : front.sock();
    if (handle.isRevoked()) {
      p.reply(-Errno.EPIPE);
    } else if (front == null || sock == null) {
      p.reply(-Errno.EBADF);
    } else if (handle.isGrant() && !GrantRules.allowsRequest(p.op())) {
      p.reply(-Errno.EPERM);
    } else {
      call(p, handle.isGrant(), front, sock, now);
    }
  }

  private void call(ControlPacket p, boolean grant, SockFront front, Sock sock, long now) {
    switch (p.op()) {
      case ControlPacket.BIND -> p.reply(bind(p, sock, now));
      case ControlPacket.CONNECT -> p.reply(connect(p, front, sock, now));
      case ControlPacket.LISTEN -> p.reply(listen(p, front, sock, now));
      case ControlPacket.GETSOCKOPT -> getsockopt(p, grant, sock, now);
      case ControlPacket.SETSOCKOPT -> p.reply(setsockopt(p, grant, front, sock, now));
      case ControlPacket.SHUTDOWN -> p.reply(shutdown(p, front, sock, now));
      case ControlPacket.GETSOCKNAME -> name(p, sock.sockname());
      case ControlPacket.GETPEERNAME -> name(p, sock.peername());
      case ControlPacket.IOCTL -> ioctl(p, sock);
      case ControlPacket.SENDMSG -> p.reply(sendmsg(p, grant, front, sock, now));
      default -> p.reply(-Errno.EINVAL);
    }
  }

  private int bind(ControlPacket p, Sock sock, long now) {
    SockAddr a = SockAddrCodec.decode(p.bytes(), p.offset(), p.length());
    if (a == null) {
      return -Errno.EINVAL;
    }
    boolean privileged = a.port() != 0 && a.port() < DoorLimits.PRIVILEGED_PORTS;
    return privileged && !privilegedPorts ? -Errno.EACCES : sock.bind(now, a);
  }

  private static int connect(ControlPacket p, SockFront front, Sock sock, long now) {
    SockAddr a = SockAddrCodec.decode(p.bytes(), p.offset(), p.length());
    return a == null ? -Errno.EINVAL : alive(front, sock.connect(now, a), now);
  }

  private static int listen(ControlPacket p, SockFront front, Sock sock, long now) {
    return p.length() < 4 ? -Errno.EINVAL : alive(front, sock.listen(now, p.u32(0)), now);
  }

  private static int alive(SockFront front, int result, long now) {
    if (result >= 0) {
      front.alive(now);
    }
    return result;
  }

  private static void getsockopt(ControlPacket p, boolean grant, Sock sock, long now) {
    if (p.length() < 12) {
      p.reply(-Errno.EINVAL);
      return;
    }
    int level = p.u32(0);
    int name = p.u32(4);
    int max = p.u32(8);
    if (max < 0 || p.length() - 12 > DoorLimits.OPTION_BYTES) {
      p.reply(-Errno.EINVAL);
      return;
    }
    if (grant && !GrantRules.allowsGet(level, name)) {
      p.reply(-Errno.EPERM);
      return;
    }
    max = Math.min(max, DoorLimits.OPTION_BYTES);
    byte[] in = p.copy(12);
    byte[] value = Arrays.copyOf(in, Math.max(max, in.length));
    int n = sock.getsockopt(now, level, name, value, max);
    p.reply(n, value, Math.max(0, Math.min(n, value.length)));
  }

  private static int setsockopt(
      ControlPacket p, boolean grant, SockFront front, Sock sock, long now) {
    if (p.length() < 8 || p.length() - 8 > DoorLimits.OPTION_BYTES) {
      return -Errno.EINVAL;
    }
    int level = p.u32(0);
    int name = p.u32(4);
    if (grant && !GrantRules.allowsSet(level, name)) {
      return -Errno.EPERM;
    }
    byte[] value = p.copy(8);
    int result = sock.setsockopt(now, level, name, value);
    // It may have been a secret.
    Arrays.fill(value, (byte) 0);
    front.service(now);
    return result;
  }

  private static int shutdown(ControlPacket p, SockFront front, Sock sock, long now) {
    if (p.length() < 4) {
      return -Errno.EINVAL;
    }
    int result = sock.shutdown(now, p.u32(0));
    front.service(now);
    return result;
  }

  private static void name(ControlPacket p, @Nullable SockAddr a) {
    if (a == null) {
      p.reply(-Errno.ENOTCONN);
      return;
    }
    byte[] b = new byte[SockAddrCodec.size(a)];
    int n = SockAddrCodec.encode(a, b, 0);
    p.reply(n, b, n);
  }

  private static void ioctl(ControlPacket p, Sock sock) {
    long v = p.length() < 4 ? -Errno.EINVAL : sock.ioctl(p.u32(0));
    if (v < 0) {
      p.reply((int) v, NOTHING, 0);
      return;
    }
    byte[] b = new byte[8];
    for (int i = 0; i < 8; i++) {
      b[i] = (byte) (v >>> 8 * i);
    }
    p.reply(0, b, 8);
  }

  private static int sendmsg(ControlPacket p, boolean grant, SockFront front, Sock sock, long now) {
    int len = p.length() - DataPackets.HEADER;
    if (len < 0 || len > DoorLimits.DATA_PACKET_BYTES) {
      return -Errno.EINVAL;
    }
    Msg m = new Msg();
    DataPackets.send(DataPackets.wrap(p.bytes(), p.offset(), p.length()), m);
    if (grant && m.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO) {
      return -Errno.EPERM;
    }
    int result = sock.sendmsg(now, m, p.bytes(), p.offset() + DataPackets.HEADER, len);
    front.service(now);
    return result;
  }
}
