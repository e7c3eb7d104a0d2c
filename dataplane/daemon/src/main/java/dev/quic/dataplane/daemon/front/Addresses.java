package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.family.SockAddr;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Between the JDK's addresses and the core's. */
public final class Addresses {
  private Addresses() {}

  /** Null when the address was never resolved. */
  public static @Nullable SockAddr of(InetSocketAddress a) {
    InetAddress ip = a.getAddress();
    if (ip instanceof Inet4Address) {
      return SockAddr.v4(ByteBuffer.wrap(ip.getAddress()).getInt(), a.getPort());
    }
    if (ip instanceof Inet6Address v6) {
      ByteBuffer b = ByteBuffer.wrap(v6.getAddress());
      return SockAddr.v6(b.getLong(), b.getLong(), a.getPort(), v6.getScopeId());
    }
    return null;
  }

  public static InetSocketAddress of(SockAddr a) {
    try {
      if (a.isV4()) {
        byte[] b = ByteBuffer.allocate(4).putInt(a.v4Bits()).array();
        return new InetSocketAddress(InetAddress.getByAddress(b), a.port());
      }
      byte[] b = ByteBuffer.allocate(16).putLong(a.hi()).putLong(a.lo()).array();
      return new InetSocketAddress(Inet6Address.getByAddress(null, b, a.scope()), a.port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of 4 or 16 bytes", e);
    }
  }
}
