package dev.quic.samples.hq;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.samples.Endpoint;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.SockaddrCodec;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;

/** Where a server offers its clients to go on (RFC 9000 section 9.6). */
public final class PreferredAddresses {
  private PreferredAddresses() {}

  /**
   * Of a listener.
   *
   * @param given at most one of each family; when empty, this machine's first IPv4 and first IPv6
   *     address that others can reach, with the port after the listener's
   */
  public static void offer(QuicSocket listener, int port, List<InetSocketAddress> given)
      throws IOException {
    for (InetSocketAddress address : given.isEmpty() ? own(port + 1) : given) {
      try {
        listener.setsockopt(
            QuicUapi.SOL_QUIC,
            QuicUapi.QUIC_SOCKOPT_PREFERRED_ADDRESS,
            SockaddrCodec.encode(address));
      } catch (QuicException e) {
        throw new QuicException(
            e.errno(), "preferred address " + Endpoint.format(address) + " cannot be offered");
      }
    }
  }

  private static List<InetSocketAddress> own(int port) throws IOException {
    List<InetSocketAddress> found = new ArrayList<>();
    boolean four = false;
    boolean six = false;
    for (InetAddress a :
        NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).toList()) {
      boolean v4 = a instanceof Inet4Address;
      if (a.isLoopbackAddress() || a.isLinkLocalAddress() || (v4 ? four : six)) {
        continue;
      }
      found.add(new InetSocketAddress(a, port));
      four |= v4;
      six |= !v4;
    }
    return found;
  }
}
