package dev.quic.samples.h3;

import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.connection.QuicServer;
import dev.quic.handshaked.tls.cert.PemFiles;
import dev.quic.samples.CongestionOption;
import dev.quic.samples.Endpoint;
import dev.quic.samples.KeyLogOption;
import dev.quic.samples.OneLine;
import dev.quic.samples.PreparedSockets;
import dev.quic.samples.Transport;
import dev.quic.samples.hq.HqFiles;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A file server that speaks HTTP/3, on {@link QuicServer}. */
@Command(
    name = "h3-server",
    mixinStandardHelpOptions = true,
    description = {
      "Serves the files below DIR by HTTP/3 (ALPN h3).",
      "GET alone; QPACK without a dynamic table; nothing is pushed."
    })
public final class H3ServerCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "ADDR:PORT",
      description = "Where to listen; port 0 picks one.")
  private String address = "";

  @Parameters(index = "1", paramLabel = "DIR", description = "What to serve.")
  private Path directory = Path.of("");

  @Option(
      names = "--cert",
      paramLabel = "PEM",
      required = true,
      description = "The server's certificate chain, leaf first.")
  private Path cert = Path.of("");

  @Option(
      names = {"--key", "--pkey", "-k"},
      paramLabel = "PEM",
      required = true,
      description = "Its private key.")
  private Path key = Path.of("");

  @Option(
      names = "--retry",
      description = "Answer every client without a token with a Retry (RFC 9000 section 8.1.2).")
  private boolean retry;

  @Option(names = "--zero-rtt", description = "Take early data (0-RTT), each first flight once.")
  private boolean zeroRtt;

  @Mixin private KeyLogOption keyLog = new KeyLogOption();
  @Mixin private CongestionOption congestion = new CongestionOption();
  @Mixin private Transport transport = new Transport();

  @Override
  public Integer call() throws Exception {
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    HqFiles files = new HqFiles(directory);
    boolean log = keyLog.on();
    // Says what is wrong with them at the start, not at each handshake.
    var unused = PemFiles.credentials(cert, key);
    try (QuicSockets sockets = transport.open()) {
      QuicServer.Builder builder =
          QuicServer.with(cert, key)
              .protocols("h3")
              .sockets(new PreparedSockets(sockets, congestion::apply))
              .tls(t -> t.withTickets().withEarlyData(zeroRtt).withKeyLog(log))
              .onRefused(e -> System.err.println(OneLine.of(e)));
      if (retry) {
        builder.validateAddresses();
      }
      try (QuicServer server = builder.listen(Endpoint.parse(address))) {
        System.out.println("listening on " + Endpoint.format(server.localAddress()));
        new H3Server(files).accept(server);
      }
    }
    return 0;
  }
}
