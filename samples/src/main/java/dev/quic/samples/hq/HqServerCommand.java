package dev.quic.samples.hq;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.samples.Endpoint;
import dev.quic.samples.ServerTlsOptions;
import dev.quic.samples.SocketOptions;
import dev.quic.samples.Transport;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A file server that speaks HTTP/0.9 over QUIC; one virtual thread per connection and request. */
@Command(
    name = "hq-server",
    mixinStandardHelpOptions = true,
    description = "Serves the files below DIR as HTTP/0.9 over QUIC (ALPN hq-interop).")
public final class HqServerCommand implements Callable<Integer> {
  private static final int BACKLOG = 128;

  @Parameters(
      index = "0",
      paramLabel = "ADDR:PORT",
      description = "Where to listen; port 0 picks one.")
  private String address = "";

  @Parameters(index = "1", paramLabel = "DIR", description = "What to serve.")
  private Path directory = Path.of("");

  @Option(
      names = "--retry",
      description = "Answer every client without a token with a Retry (RFC 9000 section 8.1.2).")
  private boolean retry;

  @Option(
      names = "--preferred-address",
      paramLabel = "ADDR:PORT",
      split = ",",
      description = "Where clients are to go on after the handshake, of each family one.")
  private List<String> preferred = List.of();

  @Mixin private Transport transport = new Transport();
  @Mixin private ServerTlsOptions tls = new ServerTlsOptions();
  @Mixin private SocketOptions options = new SocketOptions();

  @Override
  public Integer call() throws Exception {
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    InetSocketAddress local = Endpoint.parse(address);
    HqFiles files = new HqFiles(directory);
    tls.check();
    try (QuicSockets sockets = transport.open();
        QuicSocket listener = sockets.socket(Endpoint.family(local))) {
      options.apply(listener);
      if (retry) {
        SocketOptions.validateAddresses(listener);
      }
      listener.bind(local);
      if (!preferred.isEmpty()) {
        PreferredAddresses.offer(listener, local.getPort(), Endpoint.parse(preferred));
      }
      listener.listen(BACKLOG);
      System.out.println("listening on " + Endpoint.format(listener.getsockname()));
      new HqServer(files, tls::handshake).accept(listener);
    }
    return 0;
  }
}
