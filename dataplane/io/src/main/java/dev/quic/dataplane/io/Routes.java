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
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which source address the system would use: what a connected UDP socket says of itself; and which
 * MTU the way has. Answers are remembered for {@link IoLimits#ROUTE_NANOS}. One thread.
 */
final class Routes {
  private record Answer(@Nullable SockAddr source, long until) {}

  private record Way(SockAddr local, SockAddr remote) {}

  private record Mtu(int bytes, long until) {}

  private final InetAddrs addresses = new InetAddrs();
  private final Map<SockAddr, Answer> known = new HashMap<>();
  private final Map<Way, Mtu> mtus = new HashMap<>();
  private final ToIntBiFunction<SockAddr, SockAddr> asksMtu;

  /**
   * @param asksMtu as {@link Poller#routeMtu}
   */
  Routes(ToIntBiFunction<SockAddr, SockAddr> asksMtu) {
    this.asksMtu = asksMtu;
  }

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

  /**
   * As {@link Poller#routeMtu}.
   *
   * @param local any port; where it is unspecified, {@link #source} is asked about
   */
  int mtu(SockAddr local, SockAddr remote, long now) {
    SockAddr chosen = local.isAny() ? source(remote, now) : local;
    SockAddr from = (chosen == null ? local : chosen).withPort(0);
    Way way = new Way(from, remote.withPort(0));
    Mtu m = mtus.get(way);
    if (m == null || now >= m.until) {
      if (mtus.size() >= IoLimits.ROUTES) {
        mtus.clear();
      }
      m = new Mtu(asksMtu.applyAsInt(from, remote), now + IoLimits.ROUTE_NANOS);
      mtus.put(way, m);
    }
    return m.bytes;
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
