package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.ENOPROTOOPT;
import static dev.quic.uapi.Errno.EOVERFLOW;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;

/** Options that say what a listener shares its address with: SO_REUSEPORT, IPV6_V6ONLY, names. */
final class BindOptions {
  private static final int SO_REUSEADDR = 2;
  private static final int SO_REUSEPORT = 15;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int LONGEST_NAME = 253;

  private BindOptions() {}

  static int set(QuicSock sock, int level, int name, byte[] v) {
    if (level == QuicUapi.SOL_QUIC && name == QuicUapi.QUIC_SOCKOPT_SERVER_NAME) {
      return setNames(sock, v);
    }
    boolean known = get(sock, level, name) >= 0;
    if (!known || v.length < 4) {
      return known ? -EINVAL : -ENOPROTOOPT;
    }
    boolean on = OptionBytes.get32(v, 0) != 0;
    if (level == IPPROTO_IPV6) {
      // As the kernel: not once an address is bound.
      if (sock.port() >= 0) {
        return -EINVAL;
      }
      sock.settings().v6only = on;
    } else if (name == SO_REUSEPORT) {
      sock.settings().reusePort = on;
    } else {
      sock.settings().reuseAddress = on;
    }
    return 0;
  }

  /** The value, or -ENOPROTOOPT. */
  static int get(QuicSock sock, int level, int name) {
    Settings s = sock.settings();
    if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY && sock.family() == QuicUapi.AF_INET6) {
      return s.v6only ? 1 : 0;
    }
    if (level == QuicUapi.SOL_SOCKET && name == SO_REUSEPORT) {
      return s.reusePort ? 1 : 0;
    }
    // Taken for the sake of programs that set it everywhere; it changes nothing.
    boolean address = level == QuicUapi.SOL_SOCKET && name == SO_REUSEADDR;
    return address ? s.reuseAddress ? 1 : 0 : -ENOPROTOOPT;
  }

  /** What a socket claims that is about to listen. */
  static Claim claim(QuicSock sock) {
    Settings s = sock.settings();
    return new Claim(sock.sockname(), s.v6only, s.alpn, s.serverNames, s.reusePort, sock.uid());
  }

  private static int setNames(QuicSock sock, byte[] text) {
    if (sock.conn() != null || sock.state() == QuicUapi.QUIC_SS_LISTENING) {
      return -EINVAL;
    }
    if (text.length > Limits.SERVER_NAME_BYTES) {
      return -EOVERFLOW;
    }
    byte[] list = new byte[text.length + 1];
    int out = 0;
    int count = 0;
    for (int at = 0; at < text.length; ) {
      int end = at;
      while (end < text.length && text[end] != ',') {
        end++;
      }
      int from = at;
      while (from < end && text[from] == ' ') {
        from++;
      }
      if (!isName(text, from, end) || ++count > Limits.SERVER_NAMES) {
        return count > Limits.SERVER_NAMES ? -EOVERFLOW : -EINVAL;
      }
      list[out++] = (byte) (end - from);
      for (int i = from; i < end; i++) {
        list[out++] = (byte) (text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
      }
      at = end + 1;
    }
    sock.settings().serverNames = Arrays.copyOf(list, out);
    return 0;
  }

  /** Letters, digits, hyphens and dots; a star only as the whole first label, more behind it. */
  private static boolean isName(byte[] b, int from, int to) {
    boolean star = to - from > 2 && b[from] == '*' && b[from + 1] == '.';
    int first = star ? from + 2 : from;
    boolean label = false;
    for (int i = first; i < to; i++) {
      int c = b[i];
      boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      boolean part = letter || c == '-' || c == '_';
      if (!part && (c != '.' || !label)) {
        return false;
      }
      label = part;
    }
    return label && to - from <= LONGEST_NAME;
  }

  /** The names as text. */
  static byte[] names(Settings s) {
    byte[] list = s.serverNames;
    byte[] text = new byte[Math.max(0, list.length - 1)];
    for (int at = 0; at < list.length; at += 1 + (list[at] & 0xff)) {
      if (at > 0) {
        text[at - 1] = ',';
      }
      System.arraycopy(list, at + 1, text, at, list[at] & 0xff);
    }
    return text;
  }
}
