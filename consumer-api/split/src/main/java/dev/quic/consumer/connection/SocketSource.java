package dev.quic.consumer.connection;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a client's or server's sockets come from: what the caller gave and keeps, or a data plane
 * that is looked for and let go with the last socket.
 */
final class SocketSource {
  private @Nullable QuicSockets given;
  private @Nullable Path runDir;

  void use(QuicSockets maker) {
    given = maker;
  }

  void runDir(Path dir) {
    runDir = dir;
  }

  /**
   * Makers of sockets, and how to let go of them.
   *
   * @param end to be run once, when no socket of the maker's is needed any more
   */
  record Opened(QuicSockets maker, Runnable end) {
    /** A socket for an address, which speaks these protocols, the best first. */
    QuicSocket socket(InetSocketAddress address, List<String> protocols) throws IOException {
      boolean six = address.getAddress() instanceof Inet6Address;
      QuicSocket s = maker.socket(six ? QuicUapi.AF_INET6 : QuicUapi.AF_INET);
      boolean done = false;
      try {
        byte[] alpn = String.join(",", protocols).getBytes(StandardCharsets.US_ASCII);
        s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, alpn);
        done = true;
        return s;
      } finally {
        if (!done) {
          s.close();
        }
      }
    }
  }

  /**
   * @throws dev.quic.consumer.QuicException ECONNREFUSED without a data plane
   */
  Opened open() throws IOException {
    QuicSockets maker = given;
    if (maker != null) {
      return new Opened(maker, () -> {});
    }
    Path dir = runDir;
    QuicSockets found = dir == null ? RemoteQuicSockets.open() : RemoteQuicSockets.open(dir);
    return new Opened(found, found::close);
  }
}
