package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;

/** The few options at SOL_SOCKET that say what a socket is; the others are the core's. */
public final class SocketLevel {
  private SocketLevel() {}

  public static final int SO_TYPE = 3;
  public static final int SO_ERROR = 4;
  public static final int SO_PROTOCOL = 38;
  public static final int SO_DOMAIN = 39;

  /** As {@link Sock#getsockopt}. Shard thread. */
  public static int getsockopt(Sock sock, long now, int level, int name, byte[] value, int len) {
    if (level != QuicUapi.SOL_SOCKET) {
      return sock.getsockopt(now, level, name, value, len);
    }
    return switch (name) {
      case SO_TYPE -> number(value, len, QuicUapi.SOCK_DGRAM);
      case SO_ERROR -> number(value, len, sock.error());
      case SO_PROTOCOL -> number(value, len, QuicUapi.IPPROTO_QUIC);
      case SO_DOMAIN -> number(value, len, sock.family());
      default -> sock.getsockopt(now, level, name, value, len);
    };
  }

  private static int number(byte[] value, int len, int n) {
    if (len < 0) {
      return -Errno.EINVAL;
    }
    int size = Math.min(4, Math.min(len, value.length));
    for (int i = 0; i < size; i++) {
      value[i] = (byte) (n >>> 8 * i);
    }
    return size;
  }
}
