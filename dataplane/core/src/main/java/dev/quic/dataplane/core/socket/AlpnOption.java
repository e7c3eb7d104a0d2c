package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.uapi.Errno;
import java.util.Arrays;

/** The ALPN option: comma-separated text outside, length-prefixed names inside. */
final class AlpnOption {
  private AlpnOption() {}

  static int set(Settings s, byte[] text) {
    if (text.length < 1 || text.length > Limits.ALPN_BYTES) {
      return -Errno.EINVAL;
    }
    byte[] list = new byte[text.length + 1];
    int lengthAt = 0;
    int at = 1;
    for (byte b : text) {
      if (b == ',') {
        list[lengthAt] = (byte) (at - lengthAt - 1);
        lengthAt = at++;
      } else if (b != ' ' || at > lengthAt + 1) {
        list[at++] = b;
      }
    }
    list[lengthAt] = (byte) (at - lengthAt - 1);
    if (at > Limits.ALPN_BYTES) {
      // The kernel's list has no more room than its text may have.
      return -Errno.EOVERFLOW;
    }
    s.alpn = Arrays.copyOf(list, at);
    return 0;
  }

  static byte[] get(Settings s) {
    byte[] text = new byte[s.alpn.length];
    int n = 0;
    for (int at = 0; at < s.alpn.length; at += 1 + s.alpn[at]) {
      if (at > 0) {
        text[n++] = ',';
      }
      System.arraycopy(s.alpn, at + 1, text, n, s.alpn[at]);
      n += s.alpn[at];
    }
    return Arrays.copyOf(text, n);
  }
}
