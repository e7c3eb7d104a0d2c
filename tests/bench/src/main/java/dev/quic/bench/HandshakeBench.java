package dev.quic.bench;

import dev.quic.samples.AtExit;
import dev.quic.samples.Keys;
import dev.quic.samples.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The rate of whole split handshakes. */
@Command(
    name = "handshake",
    mixinStandardHelpOptions = true,
    description = {
      "Measures handshakes a second over the whole split path: a consumer inside the data plane asks, the daemon",
      "does TLS over the bus, the data plane carries the packets; client and server both. A handshake counts when",
      "both ends are through. All processes are pinned to the same processors."
    })
final class HandshakeBench implements Callable<Integer> {
  private static final long START_SECONDS = 120;

  /** For a warm-up or a round. */
  private static final long PATIENCE_SECONDS = 3_600;

  @Mixin private BenchOptions options = new BenchOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    String wrong = options.check();
    if (!wrong.isEmpty()) {
      throw new CommandLine.ParameterException(spec.commandLine(), wrong);
    }
    try (AtExit exit = new AtExit()) {
      Path dir = exit.make(() -> TemporaryDirectory.create("quic-bench")).path();
      Keys.write(dir.resolve("keys"), Keys.LOCAL_NAMES);
      measure(dir, exit);
    }
    return 0;
  }

  private void measure(Path dir, AtExit exit) throws IOException, InterruptedException {
    Host server = new Host("server", dir, options, exit);
    if (options.hosts == 1) {
      Program both = server.dataPlane("server=127.0.0.1:0", load("own"));
      server.daemon();
      report(both, List.of(server));
      return;
    }
    Program serving = server.dataPlane("server=127.0.0.1:0");
    String address = serving.awaitLine("bench listening on ", START_SECONDS);
    server.daemon();
    Host client = new Host("client", dir, options, exit);
    // Its load waits for the daemon.
    Program measuring = client.dataPlane(load(address));
    client.daemon();
    report(measuring, List.of(server, client));
  }

  private String load(String address) {
    return String.join(
        ";",
        "client=" + address,
        "concurrency=" + options.concurrency,
        "warmup=" + options.warmup,
        "count=" + options.count,
        "rounds=" + options.rounds,
        "modes=" + String.join(",", options.modes));
  }

  private void report(Program measuring, List<Host> hosts)
      throws IOException, InterruptedException {
    Report report = new Report(options);
    for (String mode : options.modes) {
      List<Round> rounds = new ArrayList<>();
      for (int i = 0; i < options.rounds; i++) {
        measuring.awaitLine("bench begin " + mode, PATIENCE_SECONDS);
        Map<String, Map<Role, ThreadUse>> before = use(hosts);
        measuring.awaitLine("bench end " + mode, PATIENCE_SECONDS);
        Map<String, Map<Role, ThreadUse>> after = use(hosts);
        rounds.add(
            Round.of(measuring.awaitLine("bench result " + mode, PATIENCE_SECONDS), before, after));
      }
      report.print(mode, rounds);
    }
  }

  private static Map<String, Map<Role, ThreadUse>> use(List<Host> hosts) throws IOException {
    Map<String, Map<Role, ThreadUse>> use = new TreeMap<>();
    for (Host host : hosts) {
      for (Program p : host.programs()) {
        use.put(p.name() + " (" + host.name() + ")", ThreadUse.of(p.pid()));
      }
    }
    return use;
  }
}
