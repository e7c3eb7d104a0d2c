package dev.quic.samples.h3;

import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.connection.QuicClient;
import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.samples.ClientTlsOptions;
import dev.quic.samples.CongestionOption;
import dev.quic.samples.PreparedSockets;
import dev.quic.samples.Transport;
import dev.quic.samples.UrlGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Downloads files by HTTP/3, on {@link QuicClient}. */
@Command(
    name = "h3-get",
    mixinStandardHelpOptions = true,
    description = {
      "Downloads by HTTP/3 (ALPN h3).",
      "URLs of one host share a connection, each on a stream of its own. The server's certificate is"
          + " verified unless --insecure."
    })
public final class H3GetCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "URL", description = "https://HOST[:PORT]/PATH")
  private List<URI> urls = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "Where the files go.")
  private Path output = Path.of("");

  @Option(
      names = "--connect",
      paramLabel = "ADDR",
      description = "Connect to this address, whatever the URL's host resolves to.")
  private @Nullable InetAddress connect;

  @Mixin private ClientTlsOptions tls = new ClientTlsOptions();
  @Mixin private CongestionOption congestion = new CongestionOption();
  @Mixin private Transport transport = new Transport();

  @Override
  public Integer call() throws Exception {
    List<UrlGroup> groups = UrlGroup.of(urls, false);
    Files.createDirectories(output);
    long start = System.nanoTime();
    long bytes = 0;
    try (QuicSockets sockets = transport.open()) {
      for (UrlGroup group : groups) {
        bytes += fetch(new PreparedSockets(sockets, congestion::apply), group);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d files over %d connection(s): %d bytes in %.3f s, %.1f Mbit/s%n",
        urls.size(),
        groups.size(),
        bytes,
        seconds,
        bytes * 8 / seconds / 1e6);
    return 0;
  }

  private long fetch(QuicSockets sockets, UrlGroup group) throws IOException, InterruptedException {
    // The options tell all of TLS there is to tell.
    QuicClientTls wanted = tls.tls(group.host());
    QuicClient client =
        QuicClient.to(connect == null ? group.host() : connect.getHostAddress(), group.port())
            .protocols("h3")
            .sockets(sockets)
            .tls(t -> wanted);
    try (QuicConnection connection = client.connect()) {
      H3Download download = new H3Download(connection, group.authority(), output);
      long bytes = download.run(group.paths());
      download.close();
      return bytes;
    }
  }
}
