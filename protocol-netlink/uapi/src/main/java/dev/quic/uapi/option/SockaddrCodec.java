package dev.quic.uapi.option;

import dev.quic.uapi.QuicUapi;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** {@code struct sockaddr_in} and {@code sockaddr_in6} in the kernel's layout. */
public final class SockaddrCodec {
  public static final int SOCKADDR_IN = 16;
  public static final int SOCKADDR_IN6 = 28;

  private SockaddrCodec() {}

  /** 16 or 28 bytes; an unresolved address counts as unspecified. */
  public static byte[] encode(InetSocketAddress a) {
    InetAddress ip = a.getAddress();
    boolean six = ip instanceof Inet6Address;
    byte[] out = new byte[six ? SOCKADDR_IN6 : SOCKADDR_IN];
    out[0] = (byte) (six ? QuicUapi.AF_INET6 : QuicUapi.AF_INET);
    out[2] = (byte) (a.getPort() >> 8);
    out[3] = (byte) a.getPort();
    if (ip instanceof Inet4Address v4) {
      System.arraycopy(v4.getAddress(), 0, out, 4, 4);
    } else if (ip instanceof Inet6Address v6) {
      System.arraycopy(v6.getAddress(), 0, out, 8, 16);
      int scope = v6.getScopeId();
      for (int i = 0; i < 4; i++) {
        out[24 + i] = (byte) (scope >> (8 * i));
      }
    }
    return out;
  }

  /** Null when the bytes are no such struct. */
  public static @Nullable InetSocketAddress decode(byte[] b, int off, int len) {
    if (len < SOCKADDR_IN || off < 0 || len > b.length - off) {
      return null;
    }
    int family = (b[off] & 0xff) | ((b[off + 1] & 0xff) << 8);
    int port = ((b[off + 2] & 0xff) << 8) | (b[off + 3] & 0xff);
    try {
      if (family == QuicUapi.AF_INET) {
        byte[] ip = Arrays.copyOfRange(b, off + 4, off + 8);
        return new InetSocketAddress(InetAddress.getByAddress(ip), port);
      }
      if (family == QuicUapi.AF_INET6 && len >= SOCKADDR_IN6) {
        byte[] ip = Arrays.copyOfRange(b, off + 8, off + 24);
        int scope = 0;
        for (int i = 3; i >= 0; i--) {
          scope = (scope << 8) | (b[off + 24 + i] & 0xff);
        }
        InetAddress a =
            scope == 0 ? InetAddress.getByAddress(ip) : Inet6Address.getByAddress(null, ip, scope);
        return new InetSocketAddress(a, port);
      }
    } catch (UnknownHostException e) {
      return null;
    }
    return null;
  }
}
