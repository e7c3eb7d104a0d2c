package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.ENOPROTOOPT;

import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The options of SOL_SOCKET that any socket takes and that change nothing about a connection here:
 * kept and given back, so that programs which set them as a matter of course go on. Timeouts are
 * for whoever blocks in a program's name. Numbers of asm-generic/socket.h.
 */
final class SocketLevel {
  private static final int SO_REUSEADDR = 2;
  private static final int SO_DONTROUTE = 5;
  private static final int SO_BROADCAST = 6;
  private static final int SO_KEEPALIVE = 9;
  private static final int SO_OOBINLINE = 10;
  private static final int SO_PRIORITY = 12;
  private static final int SO_LINGER = 13;
  private static final int SO_RCVLOWAT = 18;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SO_MAX_PACING_RATE = 47;
  private static final int SO_RCVTIMEO_NEW = 66;
  private static final int SO_SNDTIMEO_NEW = 67;

  private static final int TIMEVAL = 16;
  private static final long MICROSECONDS = 1_000_000;
  private static final int EDOM = 33;

  private SocketLevel() {}

  /** Bytes an option takes; 0 for one that is not known. */
  private static int size(int name) {
    return switch (name) {
      case SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE -> 4;
      case SO_PRIORITY, SO_RCVLOWAT, SO_MAX_PACING_RATE -> 4;
      case SO_LINGER -> 8;
      case SO_RCVTIMEO, SO_SNDTIMEO -> TIMEVAL;
      default -> 0;
    };
  }

  /** The names with 64 bits of time say the same here. */
  private static int canonical(int name) {
    return switch (name) {
      case SO_RCVTIMEO_NEW -> SO_RCVTIMEO;
      case SO_SNDTIMEO_NEW -> SO_SNDTIMEO;
      default -> name;
    };
  }

  static boolean knows(int name) {
    return name == SO_ACCEPTCONN || size(canonical(name)) > 0;
  }

  /**
   * @return 0, -ENOPROTOOPT for one that can only be read, -EINVAL for a short value, -EDOM for a
   *     time that is none
   */
  static int set(Settings s, int given, byte[] v) {
    int name = canonical(given);
    int size = size(name);
    if (size == 0) {
      return -ENOPROTOOPT;
    }
    if (v.length < size) {
      return -EINVAL;
    }
    if (size == TIMEVAL) {
      long fraction = OptionBytes.get64(v, 8);
      if (fraction < 0 || fraction >= MICROSECONDS) {
        return -EDOM;
      }
    }
    Map<Integer, byte[]> kept = new HashMap<>(s.plain);
    kept.put(name, Arrays.copyOf(v, size));
    s.plain = kept;
    return 0;
  }

  static int get(QuicSock sock, int given, byte[] v, int len) {
    int name = canonical(given);
    if (name == SO_ACCEPTCONN) {
      byte on = (byte) (sock.state() == QuicUapi.QUIC_SS_LISTENING ? 1 : 0);
      return OptionBytes.answer(new byte[] {on, 0, 0, 0}, v, len);
    }
    int size = size(name);
    byte[] unset = new byte[size];
    if (name == SO_RCVLOWAT) {
      unset[0] = 1;
    } else if (name == SO_MAX_PACING_RATE) {
      OptionBytes.put32(unset, 0, 0xffff_ffffL);
    }
    return OptionBytes.answer(sock.settings().plain.getOrDefault(name, unset), v, len);
  }
}
