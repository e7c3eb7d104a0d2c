package dev.quic.samples.perf;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.samples.SocketOptions;

/** What both sides of a measurement set on their sockets. */
final class PerfSockets {
  private static final String ALPN = "perf";

  /** Bytes of both kinds of flow control window. */
  private static final long WINDOW = 16L << 20;

  private PerfSockets() {}

  static void prepare(QuicSocket sock) throws QuicException {
    SocketOptions.setAlpn(sock, ALPN);
  }
}
