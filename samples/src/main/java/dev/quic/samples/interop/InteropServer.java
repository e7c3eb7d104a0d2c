package dev.quic.samples.interop;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.connection.QuicServer;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.samples.Endpoint;
import dev.quic.samples.OneLine;
import dev.quic.samples.PreparedSockets;
import dev.quic.samples.SocketOptions;
import dev.quic.samples.h3.H3Server;
import dev.quic.samples.hq.HqFiles;
import dev.quic.samples.hq.HqServer;
import dev.quic.samples.hq.PreferredAddresses;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** The server of a test case; runs until the process is ended. */
final class InteropServer {
  private static final int BACKLOG = 128;

  private final InteropCase what;
  private final Path certs;
  private final Path www;
  private final String alpn;
  private final List<InetSocketAddress> preferred;

  InteropServer(
      InteropCase what, Path certs, Path www, String alpn, List<InetSocketAddress> preferred) {
    this.what = what;
    this.certs = certs;
    this.www = www;
    this.alpn = alpn;
    this.preferred = preferred;
  }

  /**
   * @param listening is told where, once clients may come
   */
  void run(QuicSockets sockets, String address, Consumer<InetSocketAddress> listening)
      throws IOException, InterruptedException {
    if (!Files.isDirectory(www)) {
      throw new NotDirectoryException(www.toString());
    }
    InetSocketAddress local = Endpoint.parse(address);
    HqFiles files = new HqFiles(www);
    // One for all connections: ticket keys and the register of early data are in it.
    QuicServerTls tls = tls();
    if (alpn.equals(InteropCase.H3)) {
      runHttp3(sockets, local, files, tls, listening);
      return;
    }
    try (QuicSocket listener = sockets.socket(Endpoint.family(local))) {
      SocketOptions.setAlpn(listener, alpn);
      Versions.apply(listener, what, true);
      if (what == InteropCase.RETRY) {
        SocketOptions.validateAddresses(listener);
      }
      listener.bind(local);
      if (what == InteropCase.CONNECTIONMIGRATION) {
        PreferredAddresses.offer(listener, local.getPort(), preferred);
      }
      listener.listen(BACKLOG);
      listening.accept(listener.getsockname());
      new HqServer(files, sock -> QuicHandshake.server(sock, tls).destroy()).accept(listener);
    }
  }

  /** Without a preferred address. */
  private void runHttp3(
      QuicSockets sockets,
      InetSocketAddress local,
      HqFiles files,
      QuicServerTls tls,
      Consumer<InetSocketAddress> listening)
      throws IOException, InterruptedException {
    QuicServer.Builder builder =
        QuicServer.with(certs.resolve("cert.pem"), certs.resolve("priv.key"))
            .protocols(alpn)
            .sockets(new PreparedSockets(sockets, sock -> Versions.apply(sock, what, true)))
            .tls(t -> tls)
            .onRefused(e -> System.err.println(OneLine.of(e)));
    if (what == InteropCase.RETRY) {
      builder.validateAddresses();
    }
    try (QuicServer server = builder.listen(local)) {
      listening.accept(server.localAddress());
      new H3Server(files).accept(server);
    }
  }

  private QuicServerTls tls() {
    QuicServerTls tls =
        QuicServerTls.of(certs.resolve("cert.pem"), certs.resolve("priv.key"))
            .withTickets()
            .withTimeout(InteropClient.HANDSHAKE_LIMIT)
            .withEarlyData(what == InteropCase.ZERORTT)
            .withKeyLog(InteropClient.keyLog());
    return what == InteropCase.CHACHA20
        ? tls.withCipher(QuicUapi.TLS_CIPHER_CHACHA20_POLY1305)
        : tls;
  }
}
