package dev.quic.bench.requests;

import dev.quic.bench.report.MarkedSection;
import dev.quic.dataplane.io.UdpMode;
import dev.quic.dataplane.io.aead.AeadMode;
import dev.quic.samples.AtExit;
import dev.quic.samples.Keys;
import dev.quic.samples.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Request and response against a bare UDP echo. */
@Command(
    name = "requests",
    mixinStandardHelpOptions = true,
    description = {
      "Requests and answers over one stream, one after the other, between two data planes of this process, and beside",
      "it a bare UDP echo by the same kind of port and the same way to wait. Asleep: with a pause before each request,",
      "so that both ends sleep in epoll when it comes. Spinning: without pauses, so that both look on."
    })
public final class RequestsBench implements Callable<Integer> {
  private static final String SECTION = "bench-requests";
  private static final int MAX_COUNT = 10_000_000;
  private static final int MAX_SIZE = 1_200;
  private static final int ASLEEP_PART = 10;
  private static final String GOAL =
      "\nThe last column is the median divided by that of bare UDP in the same run; the goal is 1.5 at most.\n";

  @Option(
      names = "--count",
      paramLabel = "N",
      description =
          "Requests of a round, 10 to 10000000; with pauses a tenth (default: ${DEFAULT-VALUE}).")
  private int count = 50_000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds, 1 to 100, after one to warm up (default: ${DEFAULT-VALUE}).")
  private int rounds = 5;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      description = "Of a request and of its answer, 1 to 1200 (default: ${DEFAULT-VALUE}).")
  private int size = 1_024;

  @Option(
      names = "--pause",
      paramLabel = "US",
      description =
          "The pause of the asleep rows in microseconds, 100 to 1000000 (default: ${DEFAULT-VALUE}).")
  private int pause = 2_000;

  @Option(
      names = "--udp",
      paramLabel = "auto|linux|nio",
      description = "The kind of port of both (default: ${DEFAULT-VALUE}).")
  private String udp = "auto";

  @Option(
      names = "--aead",
      paramLabel = "auto|jdk|ipsec-mb",
      description = "What protects packets (default: ${DEFAULT-VALUE}).")
  private String aead = "auto";

  @Option(names = "--json", description = "One JSON object a row instead of the table.")
  private boolean json;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write the table into FILE's marked section, too.")
  private @Nullable Path report;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Latencies bareAsleep = new Latencies("bare UDP, asleep");
  private final Latencies oursAsleep = new Latencies("ours, asleep");
  private final Latencies bareSpinning = new Latencies("bare UDP, spinning");
  private final Latencies oursSpinning = new Latencies("ours, spinning");

  @Override
  public Integer call() throws Exception {
    String wrong = check();
    if (!wrong.isEmpty()) {
      throw new CommandLine.ParameterException(spec.commandLine(), wrong);
    }
    try (AtExit exit = new AtExit()) {
      Path keys = exit.make(() -> TemporaryDirectory.create("quic-bench")).path();
      Keys.write(keys, Keys.LOCAL_NAMES);
      measure(keys);
    }
    if (json) {
      System.out.println(oursAsleep.json(bareAsleep));
      System.out.println(bareAsleep.json(bareAsleep));
      System.out.println(oursSpinning.json(bareSpinning));
      System.out.println(bareSpinning.json(bareSpinning));
    } else {
      System.out.println(table());
    }
    if (report != null) {
      MarkedSection.write(report, SECTION, table());
    }
    return 0;
  }

  private String check() {
    if (count < 10 || count > MAX_COUNT) {
      return "--count must be 10 to 10000000";
    }
    if (rounds < 1 || rounds > 100) {
      return "--rounds must be 1 to 100";
    }
    if (size < 1 || size > MAX_SIZE) {
      return "--size must be 1 to 1200";
    }
    if (pause < 100 || pause > 1_000_000) {
      return "--pause must be 100 to 1000000";
    }
    if (!List.of("auto", "linux", "nio").contains(udp)) {
      return "--udp must be auto, linux or nio";
    }
    return List.of("auto", "jdk", "ipsec-mb").contains(aead)
        ? ""
        : "--aead must be auto, jdk or ipsec-mb";
  }

  private void measure(Path keys) throws IOException, InterruptedException {
    UdpMode mode = UdpMode.parse(udp);
    long pauseNanos = TimeUnit.MICROSECONDS.toNanos(pause);
    int asleep = Math.max(1, count / ASLEEP_PART);
    try (BareUdp bare = new BareUdp(mode);
        QuicEcho ours = new QuicEcho(mode, AeadMode.parse(aead), keys)) {
      Latencies warm = new Latencies("warm-up");
      bare.requests(size, count, 0, warm::add);
      ours.requests(size, count, 0, warm::add);
      for (int round = 0; round < rounds; round++) {
        bare.requests(size, asleep, pauseNanos, bareAsleep::add);
        ours.requests(size, asleep, pauseNanos, oursAsleep::add);
        bare.requests(size, count, 0, bareSpinning::add);
        ours.requests(size, count, 0, oursSpinning::add);
      }
    }
  }

  private String table() {
    return String.format(
            Locale.ROOT,
            "%d bytes each way, port %s, AEAD %s, %d rounds, pause of %d us where asleep; microseconds.%n%n"
                + "| | requests | p50 | p99 | p99.9 | p50 ÷ bare |%n| --- | ---: | ---: | ---: | ---: | ---: |%n",
            size,
            udp,
            aead,
            rounds,
            pause)
        + oursAsleep.markdown(bareAsleep)
        + bareAsleep.markdown(bareAsleep)
        + oursSpinning.markdown(bareSpinning)
        + bareSpinning.markdown(bareSpinning)
        + GOAL;
  }
}
