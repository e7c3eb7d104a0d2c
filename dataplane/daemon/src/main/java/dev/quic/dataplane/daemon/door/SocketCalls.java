package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Carries out the requests that name a socket. Shard thread. */
final class SocketCalls {
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
    boolean grant = handle.isGrant();
    if (handle.isRevoked()) {
      p.reply(-Errno.EPIPE);
    } else if (front == null || sock == null) {
      p.reply(-Errno.EBADF);
    } else if (grant && !GrantRules.allowsRequest(p.call().op())) {
      p.reply(-Errno.EPERM);
    } else {
      call(p, handle, front, sock, now);
    }
  }

  private void call(ControlPacket p, Handle handle, SockFront front, Sock sock, long now) {
    DoorCall c = p.call();
    boolean grant = handle.isGrant();
    switch (c.op()) {
      case Door.OP_BIND -> p.reply(bind(c, sock, now));
      case Door.OP_CONNECT -> p.reply(connect(c, front, sock, now));
      case Door.OP_LISTEN -> p.reply(listen(c, front, sock, now));
      case Door.OP_GETSOCKOPT -> getsockopt(p, grant, sock, now);
      case Door.OP_OPEN -> openStream(p, front, sock, now);
      case Door.OP_SETSOCKOPT -> p.reply(setsockopt(c, grant, front, sock, now));
      case Door.OP_SHUTDOWN -> p.reply(shutdown(c, front, sock, now));
      case Door.OP_GETSOCKNAME -> name(p, sock.sockname());
      case Door.OP_GETPEERNAME -> name(p, sock.peername());
      case Door.OP_IOCTL -> ioctl(p, front);
      case Door.OP_SENDMSG -> p.reply(sendmsg(c, grant, front, sock, now));
      case Door.OP_SEND -> p.reply(send(c, handle, front, sock, now));
      default -> p.reply(-Errno.EINVAL);
    }
  }

  private int bind(DoorCall c, Sock sock, long now) {
    SockAddr a = SockAddrCodec.decode(c.payload());
    if (a == null) {
      return -Errno.EINVAL;
    }
    boolean privileged = a.port() != 0 && a.port() < DoorLimits.PRIVILEGED_PORTS;
    return privileged && !privilegedPorts ? -Errno.EACCES : sock.bind(now, a);
  }

  private static int connect(DoorCall c, SockFront front, Sock sock, long now) {
    SockAddr a = SockAddrCodec.decode(c.payload());
    return a == null ? -Errno.EINVAL : alive(front, sock.connect(now, a), now);
  }

  private static int listen(DoorCall c, SockFront front, Sock sock, long now) {
    return c.hasNumbers(1) ? alive(front, sock.listen(now, c.number(0)), now) : -Errno.EINVAL;
  }

  private static int alive(SockFront front, int result, long now) {
    if (result >= 0) {
      front.alive(now);
    }
    return result;
  }

  private static void getsockopt(ControlPacket p, boolean grant, Sock sock, long now) {
    DoorCall c = p.call();
    int level = c.number(0);
    int name = c.number(1);
    int max = c.number(2);
    byte[] in = c.tail(3);
    if (!c.hasNumbers(3) || max < 0 || in.length > DoorLimits.OPTION_BYTES) {
      p.reply(-Errno.EINVAL);
    } else if (grant && !GrantRules.allowsGet(level, name)) {
      p.reply(-Errno.EPERM);
    } else {
      int unused = answer(p, sock, now, level, name, in, max);
    }
  }

  private static int answer(
      ControlPacket p, Sock sock, long now, int level, int name, byte[] in, int most) {
    int max = Math.min(most, DoorLimits.OPTION_BYTES);
    byte[] value = Arrays.copyOf(in, Math.max(max, in.length));
    int n = sock.getsockopt(now, level, name, value, max);
    p.reply(n, Arrays.copyOf(value, Math.clamp(n, 0, value.length)));
    return n;
  }

  private static void openStream(ControlPacket p, SockFront front, Sock sock, long now) {
    DoorCall c = p.call();
    int max = c.number(0);
    byte[] in = c.tail(1);
    if (!c.hasNumbers(1) || max < 0 || in.length > DoorLimits.OPTION_BYTES) {
      p.reply(-Errno.EINVAL);
      return;
    }
    int name = QuicUapi.QUIC_SOCKOPT_STREAM_OPEN;
    if (answer(p, sock, now, QuicUapi.SOL_QUIC, name, in, max) == -Errno.EAGAIN) {
      front.tellWhenGrown();
    }
  }

  private static int setsockopt(DoorCall c, boolean grant, SockFront front, Sock sock, long now) {
    int level = c.number(0);
    int name = c.number(1);
    byte[] value = c.tail(2);
    // What the shard has of earlier sends belongs before the call.
    front.service(now);
    if (!c.hasNumbers(2) || value.length > DoorLimits.OPTION_BYTES) {
      return -Errno.EINVAL;
    }
    if (grant && !GrantRules.allowsSet(level, name)) {
      return -Errno.EPERM;
    }
    int result = sock.setsockopt(now, level, name, value);
    // It may have been a secret.
    Arrays.fill(value, (byte) 0);
    front.changed(now);
    return result;
  }

  private static int shutdown(DoorCall c, SockFront front, Sock sock, long now) {
    if (!c.hasNumbers(1)) {
      return -Errno.EINVAL;
    }
    front.service(now);
    int result = sock.shutdown(now, c.number(0));
    front.service(now);
    return result;
  }

  private static void name(ControlPacket p, @Nullable SockAddr a) {
    if (a == null) {
      p.reply(-Errno.ENOTCONN);
      return;
    }
    byte[] b = new byte[SockAddrCodec.size(a)];
    SockAddrCodec.encode(a, b, 0);
    p.reply(b.length, b);
  }

  private static void ioctl(ControlPacket p, SockFront front) {
    long v = p.call().hasNumbers(1) ? front.ioctl(p.call().number(0)) : -Errno.EINVAL;
    if (v < 0) {
      p.reply((int) v);
      return;
    }
    byte[] b = new byte[8];
    for (int i = 0; i < 8; i++) {
      b[i] = (byte) (v >>> (8 * i));
    }
    p.reply(0, b);
  }

  private static int sendmsg(DoorCall c, boolean grant, SockFront front, Sock sock, long now) {
    byte[] packet = c.payload();
    DoorData header = new DoorData();
    if (!header.read(packet, 0, packet.length)
        || packet.length > Door.DATA_HEADER + Door.MAX_DATA) {
      return -Errno.EINVAL;
    }
    Msg m = DataMessages.toMsg(header, new Msg());
    if (grant && m.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO) {
      return -Errno.EPERM;
    }
    int len = packet.length - Door.DATA_HEADER;
    int result = sock.sendmsg(now, m, packet, Door.DATA_HEADER, len);
    front.service(now);
    return result;
  }

  /** As {@link #sendmsg}, behind what the descriptor gave; EAGAIN or ENOSPC while that waits. */
  private static int send(DoorCall c, Handle handle, SockFront front, Sock sock, long now) {
    DoorData header = new DoorData();
    byte[] packet = c.payload();
    if (!header.read(packet, 0, packet.length)) {
      return -Errno.EINVAL;
    }
    if (!handle.isGrant() && header.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO) {
      int r = front.settle(DataMessages.toMsg(header, new Msg()), now);
      if (r != 0 || handle.descriptor().isBehind()) {
        return r != 0 ? r : -Errno.EAGAIN;
      }
    }
    return sendmsg(c, handle.isGrant(), front, sock, now);
  }
}
