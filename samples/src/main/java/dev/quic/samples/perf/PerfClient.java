package dev.quic.samples.perf;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.samples.ClientTlsOptions;
import dev.quic.samples.CongestionOption;
import dev.quic.samples.Endpoint;
import dev.quic.samples.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;

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
          upload(sockets, load.warmup, (int) load.msgLen);
        }
        upload(sockets, load.totLen, (int) load.msgLen).print(load.json);
      } else {
        if (load.warmup > 0) {
          requests(sockets, Math.max(1, load.numReqs / 10), load);
        }
        requests(sockets, load.numReqs, load).print(load.json);
      }
    }
  }

  private BulkResult upload(QuicSockets sockets, long bytes, int msgLen) throws IOException {
    try (QuicSocket sock = connect(sockets)) {
      PerfStream stream = new PerfStream(sock, true);
      byte[] message = new byte[msgLen];
      stream.sendText(PerfMode.BULK.line(), false);
      Usage start = Usage.now();
      for (long sent = 0; sent < bytes; sent += msgLen) {
        long left = bytes - sent;
        stream.send(message, (int) Math.min(msgLen, left), left <= msgLen);
      }
      PerfReport report = PerfReport.parse(stream.readLine(PerfReport.MAX_LINE));
      Usage used = Usage.now().since(start);
      if (report.bytes() != bytes) {
        throw new IOException("sent " + bytes + " bytes, the server got " + report.bytes());
      }
      return new BulkResult(msgLen, used, report);
    }
  }

  private RequestResult requests(QuicSockets sockets, int count, PerfLoad load) throws IOException {
    try (QuicSocket sock = connect(sockets)) {
      PerfStream stream = new PerfStream(sock, true);
      byte[] request = new byte[load.reqLen];
      long[] latencies = new long[count];
      stream.sendText(new PerfMode(load.reqLen, load.rspLen).line(), false);
      Usage start = Usage.now();
      for (int i = 0; i < count; i++) {
        long sent = System.nanoTime();
        stream.send(request, request.length, i == count - 1);
        if (!stream.skipAll(load.rspLen)) {
          throw new IOException("the server ended the stream after " + i + " responses");
        }
        latencies[i] = System.nanoTime() - sent;
      }
      Usage used = Usage.now().since(start);
      PerfReport report = PerfReport.parse(stream.readLine(PerfReport.MAX_LINE));
      Arrays.sort(latencies);
      return new RequestResult(latencies, used, report);
    }
  }

  private QuicSocket connect(QuicSockets sockets) throws IOException {
    QuicSocket sock = sockets.socket(Endpoint.family(remote));
    try {
      PerfSockets.prepare(sock, congestion);
      sock.connect(remote);
      tls.handshake(sock, name);
      return sock;
    } catch (IOException | RuntimeException e) {
      sock.close();
      throw e;
    }
  }
}
