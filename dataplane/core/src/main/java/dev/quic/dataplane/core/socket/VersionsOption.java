package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.uapi.Errno;

/**
 * The VERSIONS option: the QUIC versions a socket speaks, preferred first, as u32 of the machine's
 * order. Without it a socket speaks every version the core knows, CONFIG's first.
 */
final class VersionsOption {
  private VersionsOption() {}

  /**
   * Sets the list.
   *
   * @return 0, or -EINVAL for an empty or ragged list, an unknown version or one given twice
   */
  static int set(Settings s, byte[] v) {
    int n = v.length / 4;
    if (n == 0 || v.length % 4 != 0 || n > Limits.VERSIONS) {
      return -Errno.EINVAL;
    }
    int[] list = new int[n];
    for (int i = 0; i < n; i++) {
      list[i] = (int) OptionBytes.get32(v, 4 * i);
      if (QuicVersion.of(list[i]) == null || index(list, i, list[i]) >= 0) {
        return -Errno.EINVAL;
      }
    }
    s.versions = list;
    return 0;
  }

  static byte[] get(Settings s) {
    int[] list = effective(s);
    byte[] v = new byte[4 * list.length];
    for (int i = 0; i < list.length; i++) {
      OptionBytes.put32(v, 4 * i, list[i]);
    }
    return v;
  }

  /** The versions spoken, preferred first. */
  static int[] effective(Settings s) {
    if (s.versions.length > 0) {
      return s.versions;
    }
    int[] known = TransportParams.KERNEL_VERSIONS;
    return QuicVersion.of(s.version) == null ? known : withFirst(s.version, known);
  }

  private static int[] withFirst(int first, int[] rest) {
    int[] out = new int[rest.length];
    out[0] = first;
    int n = 1;
    for (int v : rest) {
      if (v != first) {
        out[n++] = v;
      }
    }
    return out;
  }

  /** A list that contains a version for certain, at its end if need be. */
  static int[] including(int[] list, int version) {
    if (contains(list, version)) {
      return list.clone();
    }
    int[] out = java.util.Arrays.copyOf(list, list.length + 1);
    out[list.length] = version;
    return out;
  }

  static boolean contains(int[] list, int version) {
    return index(list, list.length, version) >= 0;
  }

  private static int index(int[] list, int n, int version) {
    for (int i = 0; i < n; i++) {
      if (list[i] == version) {
        return i;
      }
    }
    return -1;
  }
}
