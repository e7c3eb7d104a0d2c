package dev.quic.bench.load;

import dev.quic.consumer.KernelConsumer;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/**
 * A consumer that does nothing but handshakes. As a server ({@code server=ADDR:PORT}) it closes
 * each connection once its own handshake is over; as a client ({@code client=ADDR:PORT}, or {@code
 * client=own} for the server in the same data plane) it makes one connection after the other. A
 * handshake counts when the server's ticket came, since both ends are through by then. What it
 * measures it prints, one line each; docs/PERFORMANCE.md.
 */
public final class HandshakeLoad implements KernelConsumer {
  static final String ALPN = "bench";

  private static final String OWN = "own";

  private final CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();

  @Override
  public String name() {
    return "handshakes";
  }

  @Override
  public void run(QuicSockets sockets, TlsHandshakes tls, String args) throws Exception {
    Arguments a = Arguments.parse(args);
    if (a.has("server")) {
      ServerLoad.run(sockets, tls, a.address("server"), listening);
    } else {
      InetSocketAddress to = a.text("client").equals(OWN) ? listening.get() : a.address("client");
      new ClientLoad(sockets, tls, a, to).run();
    }
  }
}
