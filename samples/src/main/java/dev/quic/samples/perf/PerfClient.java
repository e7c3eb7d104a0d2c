package dev.quic.samples.perf;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.samples.ClientTlsOptions;
import dev.quic.samples.CongestionOption;
import dev.quic.samples.Endpoint;
import dev.quic.samples.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;

/** One measurement against a running server. */
final class PerfClient {
  private final Transport transport;
  private final InetSocketAddress remote;
  private final ClientTlsOptions tls;
  private final String name;
  private final CongestionOption congestion;

  PerfClient(
      Transport transport,
      InetSocketAddress remote,
      ClientTlsOptions tls,
      String name,
      CongestionOption congestion) {
    this.transport = transport;
    this.remote = remote;
    this.tls = tls;
    this.name = name;
    this.congestion = congestion;
  }

  /** Warms up, measures and prints. */
  void run(PerfLoad load) throws IOException {
    load.check();
    try (QuicSockets sockets = transport.open()) {
      if (load.mode == 0) {
        if (load.warmup > 0) {
          PerfRun.upload(() -> connect(sockets), load.warmup, (int) load.msgLen);
        }
        PerfRun.upload(() -> connect(sockets), load.totLen, (int) load.msgLen).print(load.json);
      } else {
        if (load.warmup > 0) {
          PerfRun.requests(() -> connect(sockets), Math.max(1, load.numReqs / 10), load);
        }
        PerfRun.requests(() -> connect(sockets), load.numReqs, load).print(load.json);
      }
    }
  }

  PerfStream connect(QuicSockets sockets) throws IOException {
    QuicSocket sock = sockets.socket(Endpoint.family(remote));
    try {
      PerfSockets.prepare(sock, congestion);
      sock.connect(remote);
      tls.handshake(sock, name);
      return new QuicPerfStream(sock, true);
    } catch (IOException | RuntimeException e) {
      sock.close();
      throw e;
    }
  }
}
