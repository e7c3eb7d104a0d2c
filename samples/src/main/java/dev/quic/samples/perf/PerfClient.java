package dev.quic.samples.perf;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.samples.ClientTlsOptions;
import dev.quic.samples.Endpoint;
import dev.quic.samples.Transport;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** One measurement against a running server. */
final class PerfClient {
  private final Transport transport;
  private final InetSocketAddress remote;
  private final ClientTlsOptions tls;
  private final String name;
  private final PerfTuning tuning;

  PerfClient(
      Transport transport,
      InetSocketAddress remote,
      ClientTlsOptions tls,
      String name,
      PerfTuning tuning) {
    this.transport = transport;
    this.remote = remote;
    this.tls = tls;
    this.name = name;
    this.tuning = tuning;
  }

  /** Warms up, measures and prints. */
  void run(PerfLoad load) throws IOException {
    load.check();
    try (QuicSockets sockets = transport.open()) {
      if (load.mode == 0) {
        if (load.warmup > 0) {
          upload(sockets, load.warmup, load);
        }
        // As a data plane does: what is there already is not part of what is measured.
        System.gc();
        upload(sockets, load.totLen, load).print(load.json);
      } else {
        if (load.warmup > 0) {
          PerfRun.requests(() -> dial(sockets), Math.max(1, load.numReqs / 10), load, tuning);
        }
        PerfRun.requests(() -> dial(sockets), load.numReqs, load, tuning).print(load.json);
      }
    }
  }

  private BulkResult upload(QuicSockets sockets, long bytes, PerfLoad load) throws IOException {
    List<QuicSocket> socks = new ArrayList<>();
    try {
      List<PerfUpload> uploads = new ArrayList<>();
      int count = (int) Math.min(load.connections, bytes);
      for (int i = 0; i < count; i++) {
        long share = bytes / count + (i < bytes % count ? 1 : 0);
        QuicSocket sock = connect(sockets);
        socks.add(sock);
        uploads.add(new PerfUpload(sock, share, (int) load.msgLen, load.streams));
      }
      Usage start = tuning.usage();
      PerfReport report = count == 1 ? uploads.get(0).run() : together(uploads);
      Usage end = tuning.usage();
      long later = end.shards() - uploads.get(0).half();
      long datagram = uploads.get(0).datagram();
      return new BulkResult((int) load.msgLen, datagram, end.since(start), later, report);
    } finally {
      socks.forEach(QuicSocket::close);
    }
  }

  private static PerfReport together(List<PerfUpload> uploads) throws IOException {
    List<FutureTask<PerfReport>> running = new ArrayList<>();
    for (PerfUpload upload : uploads) {
      FutureTask<PerfReport> task = new FutureTask<>(upload::run);
      running.add(task);
      Thread.ofPlatform().name("upload").start(task);
    }
    try {
      PerfReport all = new PerfReport(0, 0, 0, 0, 0);
      for (FutureTask<PerfReport> task : running) {
        all = all.beside(task.get());
      }
      return all;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while uploading");
    }
  }

  /** A connection to measure with one stream. */
  PerfStream dial(QuicSockets sockets) throws IOException {
    return new QuicPerfStream(connect(sockets), true);
  }

  private QuicSocket connect(QuicSockets sockets) throws IOException {
    QuicSocket sock = sockets.socket(Endpoint.family(remote));
    try {
      tuning.prepare(sock);
      sock.connect(remote);
      tls.handshake(sock, name);
      return sock;
    } catch (IOException | RuntimeException e) {
      sock.close();
      throw e;
    }
  }
}
