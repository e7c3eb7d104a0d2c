package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.QuicUapi;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Between {@link SockAddr} and java.net, with memory so that packets allocate nothing. */
final class InetAddrs {
  private static final int SLOTS = 1_024;

  private final AddrCache addresses = new AddrCache();
  private final @Nullable SockAddr[] keys = new SockAddr[SLOTS];
  private final @Nullable InetSocketAddress[] values = new InetSocketAddress[SLOTS];

  /** A channel hands out the same object while the sender stays the same. */
  private @Nullable InetSocketAddress lastIn;

  private @Nullable SockAddr lastOut;
  private int lastFamily;

  /** For a channel call. */
  InetSocketAddress toInet(SockAddr a) {
    int slot = (int) (a.endpointHash() >>> 54);
    InetSocketAddress v = values[slot];
    if (v == null || !a.equals(keys[slot])) {
      v = new InetSocketAddress(address(a), a.port());
      keys[slot] = a;
      values[slot] = v;
    }
    return v;
  }

  /**
   * From a channel.
   *
   * @param family of the socket; v4 is written mapped for an IPv6 one
   */
  SockAddr fromInet(InetSocketAddress in, int family) {
    SockAddr known = lastOut;
    if (in == lastIn && known != null && family == lastFamily) {
      return known;
    }
    SockAddr a = convert(in, family);
    lastIn = in;
    lastOut = a;
    lastFamily = family;
    return a;
  }

  private SockAddr convert(InetSocketAddress in, int family) {
    InetAddress address = in.getAddress();
    byte[] b = address.getAddress();
    if (address instanceof Inet4Address) {
      int bits = (int) bits(b, 0, 4);
      return family == QuicUapi.AF_INET6 && address.isAnyLocalAddress()
          ? addresses.get(family, 0, 0, in.getPort(), 0)
          : addresses.get(family, 0, 0xffff_0000_0000L | bits & 0xffff_ffffL, in.getPort(), 0);
    }
    int scope = address instanceof Inet6Address six ? six.getScopeId() : 0;
    return addresses.get(QuicUapi.AF_INET6, bits(b, 0, 8), bits(b, 8, 8), in.getPort(), scope);
  }

  private static long bits(byte[] b, int off, int n) {
    long v = 0;
    for (int i = 0; i < n; i++) {
      v = v << 8 | b[off + i] & 0xff;
    }
    return v;
  }

  private static InetAddress address(SockAddr a) {
    try {
      if (a.isV4()) {
        int v = a.v4Bits();
        return InetAddress.getByAddress(
            new byte[] {(byte) (v >>> 24), (byte) (v >>> 16), (byte) (v >>> 8), (byte) v});
      }
      byte[] b = new byte[16];
      for (int i = 0; i < 8; i++) {
        b[i] = (byte) (a.hi() >>> 56 - 8 * i);
        b[8 + i] = (byte) (a.lo() >>> 56 - 8 * i);
      }
      return a.scope() == 0
          ? InetAddress.getByAddress(b)
          : Inet6Address.getByAddress(null, b, a.scope());
    } catch (UnknownHostException e) {
      throw new AssertionError("4 and 16 bytes are addresses", e);
    }
  }
}
