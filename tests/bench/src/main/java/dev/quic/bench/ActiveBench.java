package dev.quic.bench;

import dev.quic.bench.load.ActiveLoad;
import dev.quic.bench.load.BareActive;
import dev.quic.bench.load.RateSearch;
import dev.quic.samples.AtExit;
import dev.quic.samples.Keys;
import dev.quic.samples.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Many connections that are all in use. */
@Command(
    name = "active",
    mixinStandardHelpOptions = true,
    description = {
      "Opens many connections from a hundred UDP ports that all send small messages one way, and looks for the",
      "highest total rate at which 99 %% arrive within --good ms; before it the same with bare UDP, a datagram and a call",
      "for each message, from as many ports. A message's time counts from when it was due. Trials are told on the way."
    })
final class ActiveBench implements Callable<Integer> {
  private static final long START_SECONDS = 120;
  private static final long PATIENCE_SECONDS = 7_200;
  private static final int IDLE_SECONDS = 3_600;
  private static final int MAX_COUNT = 100_000;
  private static final double GOAL = 0.4;
  private static final double FAIR = 2;

  /** What the client's last line begins with; those before tell of its trials. */
  private static final String BEST = "best ";

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Connections, 1 to 100000 (default: ${DEFAULT-VALUE}).")
  private int count = 10_000;

  @Option(
      names = "--ports",
      paramLabel = "N",
      description = "UDP ports of the clients, 1 to 1000 (default: ${DEFAULT-VALUE}).")
  private int ports = 100;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      description = "Of a message, 16 to 1200 (default: ${DEFAULT-VALUE}).")
  private int size = 64;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Of one trial, 1 to 600 (default: ${DEFAULT-VALUE}).")
  private int seconds = 5;

  @Option(
      names = "--good",
      paramLabel = "MS",
      description =
          "The latency at 99 %% that is still good, 1 to 1000 (default: ${DEFAULT-VALUE}).")
  private int good = 5;

  @Option(
      names = "--start",
      paramLabel = "RATE",
      description = "Messages a second to begin with, 100 or more (default: ${DEFAULT-VALUE}).")
  private int start = 10_000;

  @Option(
      names = "--refine",
      paramLabel = "N",
      description = "Halvings once a rate was too high, 0 to 10 (default: ${DEFAULT-VALUE}).")
  private int refine = 3;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Handshakes under way at once, 1 to 40 (default: ${DEFAULT-VALUE}).")
  private int concurrency = 16;

  @Option(
      names = "--java",
      paramLabel = "OPTIONS",
      description = "Options for all JVMs; '@' is replaced by the program's name.")
  private String java = "";

  @Option(names = "--json", description = "One JSON object instead of lines.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    String wrong = check();
    if (!wrong.isEmpty()) {
      throw new CommandLine.ParameterException(spec.commandLine(), wrong);
    }
    // Before ours: what thousands of connections leave behind would be in its way.
    RateSearch.Outcome bare;
    try (BareActive udp = new BareActive(ports, size, seconds)) {
      RateSearch search = new RateSearch(TimeUnit.MILLISECONDS.toNanos(good), refine);
      bare = search.run(start, udp::at);
    }
    System.err.println("bare UDP: " + bare.line());
    Figures ours;
    try (AtExit exit = new AtExit()) {
      Path dir = exit.make(() -> TemporaryDirectory.create("quic-bench")).path();
      Keys.write(dir.resolve("keys"), Keys.LOCAL_NAMES);
      ours = measure(dir, exit);
    }
    System.out.println(json ? json(ours, bare) : text(ours, bare));
    return 0;
  }

  private String check() {
    if (count < 1 || count > MAX_COUNT) {
      return "--count must be 1 to 100000";
    }
    if (ports < 1 || ports > 1_000) {
      return "--ports must be 1 to 1000";
    }
    if (size < 16 || size > 1_200) {
      return "--size must be 16 to 1200";
    }
    if (seconds < 1 || seconds > 600 || good < 1 || good > 1_000) {
      return "--seconds must be 1 to 600, --good 1 to 1000";
    }
    if (start < 100 || refine < 0 || refine > 10) {
      return "--start must be 100 or more, --refine 0 to 10";
    }
    return concurrency < 1 || concurrency > 40 ? "--concurrency must be 1 to 40" : "";
  }

  private Figures measure(Path dir, AtExit exit) throws IOException, InterruptedException {
    BenchOptions options = BenchOptions.everywhere(java);
    String name = new ActiveLoad().name() + "=";
    String common = String.join(";", "", "count=" + count, "size=" + size, "idle=" + IDLE_SECONDS);
    Host server = new Host("server", dir, options, exit);
    Program serving = server.dataPlaneWith(name + "server=127.0.0.1:0" + common);
    String address = serving.awaitLine("bench listening on ", START_SECONDS);
    server.daemon();
    Host client = new Host("client", dir, options, exit);
    Program sending =
        client.dataPlaneWith(
            String.join(
                ";",
                name + "client=" + address + common,
                "ports=" + ports,
                "seconds=" + seconds,
                "good=" + good,
                "start=" + start,
                "refine=" + refine,
                "concurrency=" + concurrency));
    client.daemon();
    while (true) {
      String line = sending.awaitLine("bench active ", PATIENCE_SECONDS);
      if (line.startsWith(BEST)) {
        return Figures.of(line.substring(BEST.length()));
      }
      System.err.println(line);
    }
  }

  private String text(Figures f, RateSearch.Outcome bare) {
    double share = f.get("rate") / Math.max(1, bare.rate());
    double spread = f.get("most") / Math.max(1.0, f.get("least"));
    return String.format(
        Locale.ROOT,
        "%d connections from %d ports, messages of %d bytes: %d a second, 99 %% within %.2f ms%n"
            + "bare UDP from %d ports: %.0f a second, 99 %% within %.2f ms; ours is %.2f of it (goal %.1f)%n"
            + "messages by connection: %d to %d, a factor of %.2f (goal at most %.0f)%n"
            + "live heap of the server: %.1f MiB before the first trial, %.1f MiB before the last",
        count,
        ports,
        size,
        f.get("rate"),
        f.get("p99_ns") / 1e6,
        ports,
        bare.rate(),
        bare.p99Nanos() / 1e6,
        share,
        GOAL,
        f.get("least"),
        f.get("most"),
        spread,
        FAIR,
        f.get("heap_first") / (double) (1 << 20),
        f.get("heap_last") / (double) (1 << 20));
  }

  private String json(Figures f, RateSearch.Outcome bare) {
    return String.format(
        Locale.ROOT,
        "{\"connections\":%d,\"ports\":%d,\"size\":%d,\"rate\":%d,\"p99_ms\":%.3f,\"bare_rate\":%.0f,\"bare_p99_ms\":%.3f,"
            + "\"least\":%d,\"most\":%d,\"heap_first\":%d,\"heap_last\":%d}",
        count,
        ports,
        size,
        f.get("rate"),
        f.get("p99_ns") / 1e6,
        bare.rate(),
        bare.p99Nanos() / 1e6,
        f.get("least"),
        f.get("most"),
        f.get("heap_first"),
        f.get("heap_last"));
  }
}
