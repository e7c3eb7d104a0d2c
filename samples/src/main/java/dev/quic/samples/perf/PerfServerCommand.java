package dev.quic.samples.perf;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.samples.Endpoint;
import dev.quic.samples.OneLine;
import dev.quic.samples.ServerTlsOptions;
import dev.quic.samples.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Takes uploads and answers requests until it is stopped. What it reports is of its whole process,
 * so connections are measured one at a time or all together.
 */
@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    description = "The server's side of a measurement, until it is stopped.")
final class PerfServerCommand implements Callable<Integer> {
  private static final int BACKLOG = 128;

  @Mixin private Transport transport = new Transport();
  @Mixin private PerfAddress address = new PerfAddress();
  @Mixin private ServerTlsOptions tls = new ServerTlsOptions();
  @Mixin private PerfTuning tuning = new PerfTuning();

  @Option(
      names = "--over",
      paramLabel = "QUIC|TCP|TLS",
      description = "What to measure (default: ${DEFAULT-VALUE}); a client of --compare asks.")
  private Over over = Over.QUIC;

  @Override
  public Integer call() throws Exception {
    InetSocketAddress local = address.resolve();
    tls.check();
    if (over != Over.QUIC) {
      return overTcp(local);
    }
    try (QuicSockets sockets = transport.open();
        QuicSocket listener = sockets.socket(Endpoint.family(local))) {
      listen(listener, local);
      // As a data plane does, before it serves: start-up is over.
      System.gc();
      System.out.println("listening on " + Endpoint.format(listener.getsockname()));
      while (true) {
        serveNext(listener);
      }
    }
  }

  void listen(QuicSocket listener, InetSocketAddress local) throws IOException {
    tuning.prepare(listener);
    listener.bind(local);
    listener.listen(BACKLOG);
  }

  /** Waits for a connection, and serves it on a thread of its own. */
  void serveNext(QuicSocket listener) throws IOException {
    QuicSocket sock = listener.accept();
    Thread.ofPlatform().name("perf").start(() -> serve(sock));
  }

  private Integer overTcp(InetSocketAddress local) throws IOException {
    try (ServerSocket listener =
        over == Over.TCP ? TcpEnds.tcpServer(local) : TcpEnds.tlsServer(local, tls.credentials())) {
      InetSocketAddress bound =
          new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
      System.out.println("listening on " + Endpoint.format(bound));
      while (true) {
        Socket socket = listener.accept();
        Thread.ofPlatform().name("perf").start(() -> serve(socket));
      }
    }
  }

  private void serve(Socket socket) {
    try (PerfStream stream = new SocketPerfStream(socket)) {
      measure(stream);
    } catch (IOException e) {
      System.err.println(OneLine.of(e));
    }
  }

  private void serve(QuicSocket sock) {
    try (PerfStream stream = new QuicPerfStream(sock, false)) {
      tls.handshake(sock);
      measure(stream);
    } catch (IOException e) {
      System.err.println(OneLine.of(e));
    }
  }

  private void measure(PerfStream stream) throws IOException {
    PerfMode mode = PerfMode.parse(stream.readLine(PerfMode.MAX_LINE));
    if (mode.bulk()) {
      stream.expectEnds(mode.streams());
      bulk(stream, mode.bytes());
    } else {
      answer(stream, mode);
    }
    stream.awaitEnd();
  }

  private void bulk(PerfStream stream, long expected) throws IOException {
    Usage start = tuning.usage();
    long half = start.shards();
    long bytes = 0;
    int n;
    while ((n = stream.skip(Integer.MAX_VALUE)) >= 0) {
      if (bytes < expected / 2 && bytes + n >= expected / 2) {
        half = Usage.now().shards();
      }
      bytes += n;
    }
    Usage end = tuning.usage();
    long later = end.shards() - half;
    stream.sendText(PerfReport.of(bytes, end.since(start), later).line(), true);
  }

  private void answer(PerfStream stream, PerfMode mode) throws IOException {
    byte[] response = new byte[mode.responseBytes()];
    Usage start = tuning.usage();
    long bytes = 0;
    while (stream.skipAll(mode.requestBytes())) {
      bytes += mode.requestBytes();
      stream.send(response, response.length, false);
    }
    Usage used = tuning.usage().since(start);
    stream.sendText(PerfReport.of(bytes, used, 0).line(), true);
  }
}
