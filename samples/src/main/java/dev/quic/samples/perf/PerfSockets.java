package dev.quic.samples.perf;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.samples.CongestionOption;
import dev.quic.samples.SocketOptions;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicTransportParam;

/** What both sides of a measurement set on their sockets. */
final class PerfSockets {
  private static final String ALPN = "perf";

  /** Bytes of both kinds of flow control window. */
  private static final long WINDOW = 16L << 20;

  private PerfSockets() {}

  static void prepare(QuicSocket sock, CongestionOption congestion) throws QuicException {
    SocketOptions.setAlpn(sock, ALPN);
    congestion.apply(sock);
    sock.setsockopt(
        QuicUapi.SOL_QUIC,
        QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM,
        QuicTransportParam.windows(WINDOW, WINDOW).encode());
  }
}
