package dev.quic.consumer.connection;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicTransportParam;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a client's or server's sockets come from: what the caller gave and keeps, or a data plane
 * that is looked for and let go with the last socket.
 */
final class SocketSource {
  /** What the kernel takes for max_datagram_frame_size. */
  private static final int LEAST_DATAGRAM = 1_200;

  private static final int MOST_DATAGRAM = 65_535;

  /** Where struct quic_transport_param has it. */
  private static final int DATAGRAMS = 8;

  private @Nullable QuicSockets given;
  private @Nullable Path runDir;

  /** The largest DATAGRAM frame taken; 0 for none at all. */
  private int datagrams;

  void datagrams(int largest) {
    if (largest < LEAST_DATAGRAM || largest > MOST_DATAGRAM) {
      throw new IllegalArgumentException(
          "datagrams of " + largest + " bytes; " + LEAST_DATAGRAM + " to " + MOST_DATAGRAM);
    }
    datagrams = largest;
  }

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
   * @param datagrams the largest DATAGRAM frame taken; 0 for none
   */
  record Opened(QuicSockets maker, Runnable end, int datagrams) {
    /** A socket for an address, which speaks these protocols, the best first. */
    QuicSocket socket(InetSocketAddress address, List<String> protocols) throws IOException {
      boolean six = address.getAddress() instanceof Inet6Address;
      QuicSocket s = maker.socket(six ? QuicUapi.AF_INET6 : QuicUapi.AF_INET);
      boolean done = false;
      try {
        byte[] alpn = String.join(",", protocols).getBytes(StandardCharsets.US_ASCII);
        s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, alpn);
        if (datagrams > 0) {
          // Zeros keep everything else.
          byte[] p = QuicTransportParam.KEEP.encode();
          ByteBuffer.wrap(p).order(ByteOrder.LITTLE_ENDIAN).putShort(DATAGRAMS, (short) datagrams);
          s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, p);
        }
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
      return new Opened(maker, () -> {}, datagrams);
    }
    Path dir = runDir;
    QuicSockets found = dir == null ? RemoteQuicSockets.open() : RemoteQuicSockets.open(dir);
    return new Opened(found, found::close, datagrams);
  }
}
