package dev.quic.samples.demo;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.samples.Endpoint;
import dev.quic.samples.Keys;
import dev.quic.samples.ServerTlsOptions;
import dev.quic.samples.SocketOptions;
import dev.quic.samples.Transport;
import dev.quic.samples.consumer.FileExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A server in this process: its socket belongs to the data plane, its TLS handshake happens here,
 * with a private key that the data plane never sees.
 */
final class UserProgram implements AutoCloseable {
  static final String ALPN = "demo";

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

  /** How long the consumer may take to appear: the handshake daemon has to start first. */
  private static final long CONSUMER_MS = 30_000;

  private final DemoFiles files;
  private final ServerTlsOptions tls;
  private final QuicSockets sockets;
  private final QuicSocket listener;

  /**
   * What it saw; times in nanoseconds.
   *
   * @param consumerReport hash and length of what the consumer received
   */
  record Figures(
      long handshakeNs,
      long upNs,
      long downNs,
      FileExchange.Received received,
      String consumerReport) {}

  UserProgram(DemoFiles files) throws IOException {
    this.files = files;
    this.tls =
        ServerTlsOptions.of(
            files.keys().resolve(Keys.SERVER_CERT), files.keys().resolve(Keys.SERVER_KEY));
    this.sockets = Transport.at(files.run()).open();
    this.listener = sockets.socket(Endpoint.family(ANY_PORT));
    SocketOptions.setAlpn(listener, ALPN);
    listener.bind(ANY_PORT);
    listener.listen(1);
    Path written = Files.writeString(files.root().resolve("address.new"), address());
    Files.move(written, files.address(), StandardCopyOption.ATOMIC_MOVE);
  }

  String address() throws IOException {
    return Endpoint.format(listener.getsockname());
  }

  /** Serves one connection. */
  Figures run() throws IOException {
    if (!listener.pollIn(CONSUMER_MS)) {
      throw new IOException("no connection from the consumer");
    }
    try (QuicSocket sock = listener.accept()) {
      long accepted = System.nanoTime();
      tls.handshake(sock);
      long established = System.nanoTime();
      FileExchange exchange = new FileExchange(sock, true);
      FileExchange.Received received = exchange.receive(0, files.programReceives());
      long uploaded = System.nanoTime();
      exchange.send(0, files.programSends());
      String report = exchange.receiveText();
      long downloaded = System.nanoTime();
      return new Figures(
          established - accepted, uploaded - established, downloaded - uploaded, received, report);
    }
  }

  @Override
  public void close() {
    listener.close();
    sockets.close();
  }
}
