package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which source address the system would use: what a connected UDP socket says of itself. Answers
 * are remembered for {@link IoLimits#ROUTE_NANOS}. One thread.
 */
final class Routes {
  private record Answer(@Nullable SockAddr source, long until) {}

  private final InetAddrs addresses = new InetAddrs();
  private final Map<SockAddr, Answer> known = new HashMap<>();

  /** With port 0 and in the family of {@code remote}; null when there is no route. */
  @Nullable SockAddr source(SockAddr remote, long now) {
    SockAddr key = remote.withPort(0);
    Answer a = known.get(key);
    if (a == null || now >= a.until) {
      if (known.size() >= IoLimits.ROUTES) {
        known.clear();
      }
      a = new Answer(ask(remote), now + IoLimits.ROUTE_NANOS);
      known.put(key, a);
    }
    return a.source;
  }

  private @Nullable SockAddr ask(SockAddr remote) {
    boolean four = remote.isV4();
    try (DatagramChannel channel =
        DatagramChannel.open(four ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6)) {
      // Connecting a datagram socket sends nothing; port 0 is refused by some systems.
      channel.connect(addresses.toInet(remote.port() == 0 ? remote.withPort(9) : remote));
      InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
      int family = four ? remote.family() : QuicUapi.AF_INET6;
      SockAddr source = addresses.fromInet(local, family).withPort(0);
      return source.isAny() ? null : source;
    } catch (IOException | UnresolvedAddressException | UnsupportedOperationException e) {
      return null;
    }
  }
}
