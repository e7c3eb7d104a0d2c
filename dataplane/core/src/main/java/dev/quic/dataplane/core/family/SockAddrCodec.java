package dev.quic.dataplane.core.family;

import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's {@code sockaddr_in} (16 bytes) and {@code sockaddr_in6} (28 bytes): family little
 * endian as on the host, port and address in network order, scope little endian.
 */
public final class SockAddrCodec {
  private SockAddrCodec() {}

  public static final int SOCKADDR_IN = 16;
  public static final int SOCKADDR_IN6 = 28;

  /** sockaddr_in6 without the scope, which the kernel takes too. */
  private static final int SOCKADDR_IN6_OLD = 24;

  /** Reads one; null when it is too short (EINVAL) or of another family (EAFNOSUPPORT). */
  public static @Nullable SockAddr decode(byte[] buf, int off, int len) {
    if (off < 0 || len < 2 || len > buf.length - off) {
      return null;
    }
    int family = buf[off] & 0xff | (buf[off + 1] & 0xff) << 8;
    if (family == QuicUapi.AF_INET && len >= SOCKADDR_IN) {
      return SockAddr.v4((int) be(buf, off + 4, 4), (int) be(buf, off + 2, 2));
    }
    if (family == QuicUapi.AF_INET6 && len >= SOCKADDR_IN6_OLD) {
      int scope = len >= SOCKADDR_IN6 ? Integer.reverseBytes((int) be(buf, off + 24, 4)) : 0;
      return SockAddr.v6(
          be(buf, off + 8, 8), be(buf, off + 16, 8), (int) be(buf, off + 2, 2), scope);
    }
    return null;
  }

  public static @Nullable SockAddr decode(byte[] buf) {
    return decode(buf, 0, buf.length);
  }

  /** Bytes {@link #encode} writes. */
  public static int size(SockAddr a) {
    return a.family() == QuicUapi.AF_INET ? SOCKADDR_IN : SOCKADDR_IN6;
  }

  /**
   * Writes in the address's own family.
   *
   * @return bytes written, 16 or 28
   */
  public static int encode(SockAddr a, byte[] buf, int off) {
    buf[off] = (byte) a.family();
    buf[off + 1] = (byte) (a.family() >>> 8);
    be(buf, off + 2, a.port(), 2);
    if (a.family() == QuicUapi.AF_INET) {
      be(buf, off + 4, a.v4Bits(), 4);
      be(buf, off + 8, 0, 8);
      return SOCKADDR_IN;
    }
    be(buf, off + 4, 0, 4);
    be(buf, off + 8, a.hi(), 8);
    be(buf, off + 16, a.lo(), 8);
    be(buf, off + 24, Integer.reverseBytes(a.scope()) & 0xffff_ffffL, 4);
    return SOCKADDR_IN6;
  }

  public static byte[] encode(SockAddr a) {
    byte[] out = new byte[size(a)];
    encode(a, out, 0);
    return out;
  }

  private static long be(byte[] buf, int off, int n) {
    long v = 0;
    for (int i = 0; i < n; i++) {
      v = v << 8 | buf[off + i] & 0xff;
    }
    return v;
  }

  private static void be(byte[] buf, int off, long v, int n) {
    for (int i = 0; i < n; i++) {
      buf[off + i] = (byte) (v >>> 8 * (n - 1 - i));
    }
  }
}
