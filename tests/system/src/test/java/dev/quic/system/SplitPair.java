package dev.quic.system;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.uapi.QuicUapi;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A house with a listener, and the two ends of one connection to it, TLS in this process. */
@SuppressWarnings("NullAway.Init") // The ends are there after connect().
final class SplitPair implements AutoCloseable {
  private static final String ALPN = "pair";

  final SplitHouse house;
  final QuicSocket listener;
  QuicSocket client;
  QuicSocket server;
  private final QuicSockets sockets;

  /** Makes the listener, which does not listen yet; inside the data plane or out of it. */
  SplitPair(Path dir, boolean inside) throws Exception {
    house = new SplitHouse(dir);
    sockets = inside ? house.plane.sockets() : RemoteQuicSockets.open(house.file("run"));
    listener = fresh();
  }

  QuicSocket fresh() throws QuicException {
    QuicSocket s = sockets.socket(QuicUapi.AF_INET);
    s.setsockopt(
        QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, ALPN.getBytes(StandardCharsets.US_ASCII));
    return s;
  }

  void listen() throws QuicException {
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    listener.listen(4);
  }

  /** Connects and runs both handshakes. */
  void connect() throws Exception {
    Future<QuicSocket> far =
        house.pool.submit(() -> {
          QuicSocket s = listener.accept();
          QuicHandshake.server(s, QuicServerTls.of(house.server.chain(), house.server.key(), ALPN));
          return s;
        });
    client = fresh();
    client.connect(listener.getsockname());
    QuicHandshake.client(
        client,
        QuicClientTls.of(SplitHouse.NAME, ALPN).withTrustAnchors(List.of(house.ca.certificate())));
    server = far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    listener.close();
    if (sockets instanceof RemoteQuicSockets remote) {
      remote.close();
    }
    house.close();
  }
}
