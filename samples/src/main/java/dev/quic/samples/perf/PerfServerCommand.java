package dev.quic.samples.perf;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.samples.Endpoint;
import dev.quic.samples.OneLine;
import dev.quic.samples.ServerTlsOptions;
import dev.quic.samples.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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

  @Override
  public Integer call() throws Exception {
    InetSocketAddress local = address.resolve();
    tls.check();
    try (QuicSockets sockets = transport.open();
        QuicSocket listener = sockets.socket(Endpoint.family(local))) {
      tuning.prepare(listener);
      listener.bind(local);
      listener.listen(BACKLOG);
      System.out.println("listening on " + Endpoint.format(listener.getsockname()));
      while (true) {
        QuicSocket sock = listener.accept();
        Thread.ofPlatform().name("perf").start(() -> serve(sock));
      }
    }
  }

  private void serve(QuicSocket sock) {
    try (sock) {
      tls.handshake(sock);
      PerfStream stream = new PerfStream(sock, false);
      PerfMode mode = PerfMode.parse(stream.readLine(PerfMode.MAX_LINE));
      if (mode.bulk()) {
        stream.expectEnds(mode.streams());
        bulk(stream);
      } else {
        answer(stream, mode);
      }
      stream.awaitEnd();
    } catch (IOException e) {
      System.err.println(OneLine.of(e));
    }
  }

  private void bulk(PerfStream stream) throws IOException {
    Usage start = tuning.usage();
    long bytes = 0;
    int n;
    while ((n = stream.skip(Integer.MAX_VALUE)) >= 0) {
      bytes += n;
    }
    Usage used = tuning.usage().since(start);
    stream.sendText(PerfReport.of(bytes, used).line(), true);
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
    stream.sendText(PerfReport.of(bytes, used).line(), true);
  }
}
