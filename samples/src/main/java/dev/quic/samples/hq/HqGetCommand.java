package dev.quic.samples.hq;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.session.QuicSession;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicHandshakeResult;
import dev.quic.samples.ClientTlsOptions;
import dev.quic.samples.Endpoint;
import dev.quic.samples.SessionOptions;
import dev.quic.samples.SocketOptions;
import dev.quic.samples.Transport;
import dev.quic.samples.UrlGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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

/** Downloads files by HTTP/0.9 over QUIC. */
@Command(
    name = "hq-get",
    mixinStandardHelpOptions = true,
    description = {
      "Downloads by HTTP/0.9 over QUIC (ALPN hq-interop).",
      "URLs of one host share a connection, each on a stream of its own. The server's certificate is"
          + " verified unless --insecure."
    })
public final class HqGetCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "URL", description = "https://HOST[:PORT]/PATH")
  private List<URI> urls = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "Where the files go.")
  private Path output = Path.of("");

  @Option(
      names = "--multiconnect",
      description = "A connection for every URL, one after the other.")
  private boolean multiconnect;

  @Option(
      names = "--connect",
      paramLabel = "ADDR",
      description = "Connect to this address, whatever the URL's host resolves to.")
  private @Nullable InetAddress connect;

  @Option(names = "--key-update", description = "Update the keys once while files arrive.")
  private boolean keyUpdate;

  @Option(
      names = "--migrate",
      description = "Move to another port once while files arrive (RFC 9000 section 9.2).")
  private boolean migrate;

  @Option(names = "--json", description = "Print one line of figures.")
  private boolean json;

  @Mixin private Transport transport = new Transport();
  @Mixin private ClientTlsOptions tls = new ClientTlsOptions();
  @Mixin private SessionOptions sessions = new SessionOptions();
  @Mixin private SocketOptions options = new SocketOptions();

  private int resumed;
  private int early;

  @Override
  public Integer call() throws Exception {
    List<UrlGroup> groups = UrlGroup.of(urls, multiconnect);
    sessions.check();
    Files.createDirectories(output);
    long start = System.nanoTime();
    long bytes = 0;
    try (QuicSockets sockets = transport.open()) {
      for (UrlGroup group : groups) {
        bytes += fetch(sockets, group);
      }
    }
    report(groups.size(), bytes, System.nanoTime() - start);
    return 0;
  }

  private long fetch(QuicSockets sockets, UrlGroup group) throws IOException, InterruptedException {
    InetAddress address = connect == null ? InetAddress.getByName(group.host()) : connect;
    InetSocketAddress remote = new InetSocketAddress(address, group.port());
    try (QuicSocket sock = sockets.socket(Endpoint.family(remote))) {
      options.apply(sock);
      sock.connect(remote);
      HqDownload download = new HqDownload(sock, output, group.paths());
      KeyUpdate update = new KeyUpdate(sock);
      ActiveMigration move = new ActiveMigration(sock);
      download.onData(() -> {
        if (keyUpdate) {
          update.attempt();
        }
        if (migrate) {
          move.attempt();
        }
      });
      long bytes;
      try (QuicHandshakeResult agreed = handshake(sock, group.host(), download)) {
        resumed += agreed.resumed() ? 1 : 0;
        early += agreed.earlyDataAccepted() ? 1 : 0;
        bytes = download.run(() -> sessions.keep(sock, agreed));
      }
      require("--key-update", !keyUpdate || update.done());
      require("--migrate", !migrate || move.done());
      return bytes;
    }
  }

  private static void require(String option, boolean done) throws IOException {
    if (!done) {
      throw new IOException(option + ": all files came before it was possible; fetch a larger one");
    }
  }

  private QuicHandshakeResult handshake(QuicSocket sock, String host, HqDownload download)
      throws IOException {
    QuicSession last = sessions.take();
    try {
      QuicClientTls config = sessions.with(last, tls.tls(host));
      if (sessions.prepare(sock, config)) {
        download.requestEarly();
      }
      return QuicHandshake.client(sock, config);
    } finally {
      if (last != null) {
        last.destroy();
      }
    }
  }

  private void report(int connections, long bytes, long nanos) {
    double seconds = nanos / 1e9;
    String format =
        json
            ? "{\"files\":%d,\"connections\":%d,\"bytes\":%d,\"seconds\":%.6f,\"mbit_s\":%.1f,"
                + "\"resumed\":%d,\"early_data\":%d}%n"
            : "%d files over %d connection(s): %d bytes in %.3f s, %.1f Mbit/s"
                + (sessions.used() ? "; %d resumed, %d with early data%n" : "%n");
    System.out.printf(
        Locale.ROOT,
        format,
        urls.size(),
        connections,
        bytes,
        seconds,
        bytes * 8 / seconds / 1e6,
        resumed,
        early);
  }
}
