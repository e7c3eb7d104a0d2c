package dev.quic.samples.perf;

import dev.quic.consumer.QuicSockets;
import dev.quic.samples.AtExit;
import dev.quic.samples.ClientTlsOptions;
import dev.quic.samples.Endpoint;
import dev.quic.samples.Keys;
import dev.quic.samples.Launcher;
import dev.quic.samples.TemporaryDirectory;
import dev.quic.samples.Transport;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * QUIC beside TCP and TLS, over loopback: this program, a server for each, and one data plane, all
 * of them processes of their own.
 */
final class Comparison {
  private static final int[] SIZES = {1_024, 4_096, 16_384, 65_536};
  private static final int KIB = 1_024;

  private final PerfLoad load;
  private final PerfTuning tuning;
  private final Map<Over, PerfRun.Dialer> dialers = new EnumMap<>(Over.class);

  Comparison(PerfLoad load, PerfTuning tuning) {
    this.load = load;
    this.tuning = tuning;
  }

  void run() throws Exception {
    load.check();
    try (AtExit exit = new AtExit()) {
      Path dir = exit.make(() -> TemporaryDirectory.create("quic-perf")).path();
      Keys.write(dir, Keys.LOCAL_NAMES);
      Path runDir = dir.resolve("run");
      Launcher plane =
          exit.make(() -> Launcher.start("dataplane", List.of("--run-dir=" + runDir.toString())));
      plane.awaitLine("dataplane ready");
      QuicSockets sockets = exit.add(Transport.at(runDir).open());
      InetSocketAddress quic = server(exit, dir, Over.QUIC);
      ClientTlsOptions tls = ClientTlsOptions.trusting(dir.resolve(Keys.CA_CERT));
      PerfClient client = new PerfClient(Transport.at(runDir), quic, tls, "localhost", tuning);
      dialers.put(Over.QUIC, () -> client.dial(sockets));
      InetSocketAddress tcp = server(exit, dir, Over.TCP);
      dialers.put(Over.TCP, () -> TcpEnds.tcp(tcp));
      InetSocketAddress overTls = server(exit, dir, Over.TLS);
      dialers.put(Over.TLS, () -> TcpEnds.tls(overTls, dir.resolve(Keys.CA_CERT)));
      uploads();
      requests();
    }
  }

  private InetSocketAddress server(AtExit exit, Path dir, Over over) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("perf", "server", "--port", "0", "--over", over.name()));
    arguments.add("--run-dir=" + dir.resolve("run"));
    arguments.addAll(List.of("--cert", dir.resolve(Keys.SERVER_CERT).toString()));
    arguments.addAll(List.of("--pkey", dir.resolve(Keys.SERVER_KEY).toString()));
    arguments.addAll(tuning.arguments());
    Launcher launcher = exit.make(() -> Launcher.start("quic", arguments));
    return Endpoint.parse(launcher.awaitLine("listening on "));
  }

  private void uploads() throws Exception {
    for (PerfRun.Dialer dialer : dialers.values()) {
      if (load.warmup > 0) {
        PerfRun.upload(dialer, load.warmup, SIZES[0]);
      }
    }
    say("Gbit/s, one stream, %d MiB in writes of%n", load.totLen >> 20);
    for (int size : SIZES) {
      StringBuilder line = new StringBuilder();
      line.append(String.format(Locale.ROOT, "%6d KiB", size / KIB));
      for (Map.Entry<Over, PerfRun.Dialer> e : dialers.entrySet()) {
        BulkResult r = PerfRun.upload(e.getValue(), load.totLen, size);
        double rate = r.server().bytes() * 8.0 / r.used().wallNs();
        line.append(String.format(Locale.ROOT, "  %s %6.2f", e.getKey(), rate));
        json(
            "{\"over\":\"%s\",\"msg_len\":%d,\"bytes\":%d,\"gbit_s\":%.3f}%n",
            e.getKey(), size, r.server().bytes(), rate);
      }
      say("%s%n", line);
    }
  }

  private void requests() throws Exception {
    say(
        "%d requests of %d bytes one after the other, answers of %d bytes, us%n",
        load.numReqs, load.reqLen, load.rspLen);
    for (Map.Entry<Over, PerfRun.Dialer> e : dialers.entrySet()) {
      if (load.warmup > 0) {
        PerfRun.requests(e.getValue(), Math.max(1, load.numReqs / 2), load, tuning);
      }
      long[] ns = PerfRun.requests(e.getValue(), load.numReqs, load, tuning).latencies();
      double half = ns[ns.length / 2] / 1e3;
      double most = ns[(int) (ns.length * 0.99)] / 1e3;
      say("%10s  p50 %7.1f  p99 %7.1f%n", e.getKey(), half, most);
      json("{\"over\":\"%s\",\"p50_us\":%.1f,\"p99_us\":%.1f}%n", e.getKey(), half, most);
    }
  }

  private void say(String format, Object... values) {
    if (!load.json) {
      System.out.printf(Locale.ROOT, format, values);
    }
  }

  private void json(String format, Object... values) {
    if (load.json) {
      System.out.printf(Locale.ROOT, format, values);
    }
  }
}
