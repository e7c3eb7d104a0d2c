package dev.quic.bench.peers;

import dev.quic.bench.Program;
import dev.quic.bench.report.FlatJson;
import dev.quic.bench.report.Sample;
import dev.quic.samples.AtExit;
import dev.quic.samples.Keys;
import dev.quic.samples.Launcher;
import dev.quic.samples.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Uploads of ours: with the data plane in the program, and in a process beside it. */
final class OwnRuns {
  private static final long SECONDS = 600;
  private static final long START_SECONDS = 60;

  private final long bytes;
  private final long warmup;
  private final String javaOptions;

  OwnRuns(long bytes, long warmup, String javaOptions) {
    this.bytes = bytes;
    this.warmup = warmup;
    this.javaOptions = javaOptions;
  }

  /** Two processes, each with a data plane of its own. */
  Sample inProcess(Load load) throws IOException, InterruptedException {
    return sample(quic(load.self(bytes, warmup)));
  }

  /** Four processes: a program and a data plane on each side. */
  Sample acrossProcesses(Load load) throws IOException, InterruptedException {
    try (AtExit exit = new AtExit()) {
      Path dir = exit.make(() -> TemporaryDirectory.create("quic-bench")).path();
      Keys.write(dir.resolve("keys"), Keys.LOCAL_NAMES);
      Program near = dataPlane(exit, dir.resolve("near"), load);
      Program far = dataPlane(exit, dir.resolve("far"), load);
      List<String> server = new ArrayList<>(List.of("perf", "server", "--port", "0"));
      server.addAll(List.of("--run-dir", dir.resolve("far").toString()));
      server.addAll(List.of("--cert", dir.resolve("keys").resolve(Keys.SERVER_CERT).toString()));
      server.addAll(List.of("--pkey", dir.resolve("keys").resolve(Keys.SERVER_KEY).toString()));
      server.addAll(List.of("--payload", Integer.toString(load.payload())));
      server.addAll(List.of("--count-pid", Long.toString(far.pid())));
      Program serving = exit.make(() -> Program.start("quic", "", javaOptions, server));
      String port = serving.awaitLine("listening on 127.0.0.1:", START_SECONDS);
      List<String> client = new ArrayList<>(List.of("perf", "client", "--port", port));
      client.addAll(List.of("--run-dir", dir.resolve("near").toString()));
      client.addAll(List.of("--ca", dir.resolve("keys").resolve(Keys.CA_CERT).toString()));
      client.addAll(List.of("--cipher", load.cipher()));
      client.addAll(List.of("--count-pid", Long.toString(near.pid())));
      client.addAll(load.common(bytes, warmup));
      return sample(quic(client));
    }
  }

  /** Starts a data plane and waits until it is there. */
  Program dataPlane(AtExit exit, Path runDir, Load load) throws IOException, InterruptedException {
    String largest = Integer.toString(load.payload());
    List<String> arguments =
        List.of("--run-dir", runDir.toString(), "--aead", load.aead(), "--max-datagram", largest);
    Program plane = exit.make(() -> Program.start("dataplane", "", javaOptions, arguments));
    plane.awaitLine("dataplane ready", START_SECONDS);
    return plane;
  }

  /** Full handshakes over the whole split path. */
  Sample handshakes(int count, int concurrency) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("bench", "handshake", "--cpus", "all"));
    arguments.addAll(List.of("--hosts", "2", "--mode", "full", "--rounds", "1", "--json"));
    arguments.addAll(List.of("--count", Integer.toString(count)));
    arguments.addAll(List.of("--warmup", Integer.toString(2 * count)));
    arguments.addAll(List.of("--concurrency", Integer.toString(concurrency)));
    FlatJson json = quic(arguments);
    return new Sample(json.number("rate", 0), Sample.UNKNOWN, Sample.UNKNOWN, 0);
  }

  private FlatJson quic(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Launcher.home().resolve("bin/quic").toString());
    command.addAll(arguments);
    Map<String, String> environment =
        Map.of(
            "QUIC_NO_BUILD",
            "1",
            "JAVA_HOME",
            System.getProperty("java.home"),
            "QUIC_JAVA_OPTS",
            javaOptions);
    List<String> lines = Command.run(command, Launcher.home(), environment, SECONDS);
    for (String line : lines) {
      FlatJson json = FlatJson.parse(line);
      if (json.has("mode")) {
        return json;
      }
    }
    throw new IOException(lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1));
  }

  private static Sample sample(FlatJson json) {
    return new Sample(
        json.number("gbit_s", 0),
        json.number("client_cpu_s_per_gib", Sample.UNKNOWN),
        json.number("server_cpu_s_per_gib", Sample.UNKNOWN),
        (long) json.number("datagram", 0));
  }
}
