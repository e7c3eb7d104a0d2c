package dev.quic.bench;

import dev.quic.bench.load.IdleLoad;
import dev.quic.samples.AtExit;
import dev.quic.samples.Keys;
import dev.quic.samples.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What many connections cost that do nothing. */
@Command(
    name = "idle",
    mixinStandardHelpOptions = true,
    description = {
      "Opens many connections to one data plane, whose clients share a few UDP ports, lets them rest, and closes",
      "them: live heap, CPU while they rest, time to close, heap afterwards. Client and server are two data planes",
      "with a daemon each, and the handshakes are real: 100,000 of them take minutes."
    })
final class IdleBench implements Callable<Integer> {
  private static final long START_SECONDS = 120;
  private static final long PATIENCE_SECONDS = 7_200;
  private static final int MAX_COUNT = 1_000_000;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Connections, 1 to 1000000. Default: ${DEFAULT-VALUE}.")
  private int count = 10_000;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "How long they rest, 1 to 500 s. Default: ${DEFAULT-VALUE}.")
  private int seconds = 60;

  @Option(
      names = "--ports",
      paramLabel = "N",
      defaultValue = "16",
      description = "UDP ports of the clients, 1 to 1000. Default: ${DEFAULT-VALUE}.")
  private int ports = 16;

  @Option(
      names = "--idle-timeout",
      paramLabel = "N",
      defaultValue = "600",
      description =
          "Both ends' idle timeout, 60 to 4000 s; more than setting up and resting take. Default: ${DEFAULT-VALUE}.")
  private int idleTimeout = 600;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "16",
      description = "Handshakes under way at once, 1 to 40. Default: ${DEFAULT-VALUE}.")
  private int concurrency = 16;

  @Option(
      names = "--java",
      paramLabel = "OPTIONS",
      defaultValue = "",
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
    try (AtExit exit = new AtExit()) {
      Path dir = exit.make(() -> TemporaryDirectory.create("quic-bench")).path();
      Keys.write(dir.resolve("keys"), Keys.LOCAL_NAMES);
      measure(dir, exit);
    }
    return 0;
  }

  private String check() {
    if (count < 1 || count > MAX_COUNT) {
      return "--count must be 1 to 1000000";
    }
    if (seconds < 1 || seconds > 500) {
      return "--seconds must be 1 to 500";
    }
    if (ports < 1 || ports > 1_000) {
      return "--ports must be 1 to 1000";
    }
    if (idleTimeout < 60 || idleTimeout > 4_000) {
      return "--idle-timeout must be 60 to 4000";
    }
    return concurrency < 1 || concurrency > 40 ? "--concurrency must be 1 to 40" : "";
  }

  private void measure(Path dir, AtExit exit) throws IOException, InterruptedException {
    BenchOptions options = BenchOptions.everywhere(java);
    String name = new IdleLoad().name() + "=";
    Host server = new Host("server", dir, options, exit);
    Program serving =
        server.dataPlaneWith(
            name
                + "server=127.0.0.1:0;count="
                + count
                + ";seconds="
                + seconds
                + ";idle="
                + idleTimeout);
    String address = serving.awaitLine("bench listening on ", START_SECONDS);
    server.daemon();
    Host client = new Host("client", dir, options, exit);
    Program connecting =
        client.dataPlaneWith(
            String.join(
                ";",
                name + "client=" + address,
                "count=" + count,
                "ports=" + ports,
                "idle=" + idleTimeout,
                "concurrency=" + concurrency));
    client.daemon();
    Figures figures = Figures.of(connecting.awaitLine("bench idle connected ", PATIENCE_SECONDS));
    figures.take("", serving.awaitLine("bench idle up ", PATIENCE_SECONDS));
    figures.take("from_", serving.awaitLine("bench idle closing ", PATIENCE_SECONDS));
    figures.take("", serving.awaitLine("bench idle down ", PATIENCE_SECONDS));
    figures.take("to_", connecting.awaitLine("bench idle closed ", PATIENCE_SECONDS));
    System.out.println(json ? json(figures) : text(figures));
  }

  private String text(Figures f) {
    long grown = f.get("heap_full") - f.get("heap_before");
    return format(
        "%d connections from %d ports in %.0f s%n"
            + "live heap: %.1f MiB with them, %.1f MiB before: %d bytes each%n"
            + "CPU of the data plane while they rest: %.2f s in %d s%n"
            + "closing: calls %.1f s, the last client told after %.1f s, heap back after %.1f s (%.1f MiB)",
        f.get("count"),
        ports,
        f.get("ns") / 1e9,
        mib(f.get("heap_full")),
        mib(f.get("heap_before")),
        grown / count,
        f.get("cpu_ns") / 1e9,
        seconds,
        f.get("close_ns") / 1e9,
        told(f) / 1e3,
        f.get("back_ns") / 1e9,
        mib(f.get("heap_after")));
  }

  private String json(Figures f) {
    return format(
        "{\"connections\":%d,\"ports\":%d,\"connect_s\":%.1f,\"heap_before\":%d,\"heap_full\":%d,\"heap_after\":%d,"
            + "\"cpu_s\":%.3f,\"rest_s\":%d,\"told_s\":%.1f,\"back_s\":%.1f}",
        f.get("count"),
        ports,
        f.get("ns") / 1e9,
        f.get("heap_before"),
        f.get("heap_full"),
        f.get("heap_after"),
        f.get("cpu_ns") / 1e9,
        seconds,
        told(f) / 1e3,
        f.get("back_ns") / 1e9);
  }

  private static long told(Figures f) {
    return Math.max(0, f.get("to_ms") - f.get("from_ms"));
  }

  private static double mib(long bytes) {
    return bytes / (double) (1 << 20);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
