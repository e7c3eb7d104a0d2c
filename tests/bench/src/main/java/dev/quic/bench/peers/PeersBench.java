package dev.quic.bench.peers;

import dev.quic.bench.report.BarPicture;
import dev.quic.bench.report.Chapter;
import dev.quic.bench.report.Goal;
import dev.quic.bench.report.MarkedSection;
import dev.quic.samples.ByteSize;
import dev.quic.samples.Launcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Ourselves and others in one run. */
@Command(
    name = "peers",
    mixinStandardHelpOptions = true,
    description = {
      "Uploads over loopback by ourselves and by other stacks, one after the other and then all again; the median",
      "of each is reported, with the CPU time of both sides and the ratio to ours.",
      "Five rounds of the set 'peers' take about 7 minutes, --quick 2, all sets about an hour."
    })
public final class PeersBench implements Callable<Integer> {
  private static final String SECTION = "bench-peers";
  private static final String PICTURE = "docs/performance.svg";
  private static final String REPORT = "docs/PERFORMANCE.md";
  private static final long QUICK_BYTES = 256L << 20;
  private static final long QUICK_WARMUP = 128L << 20;
  private static final int QUICK_ROUNDS = 3;
  private static final int MAX_ROUNDS = 100;

  @Option(
      names = "--sets",
      paramLabel = "NAME",
      split = ",",
      description =
          "What to run: all, or some of peers, sizes, packets, ciphers, streams, connections, ways, handshakes"
              + " (default: peers).")
  private List<String> sets = List.of("peers");

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds, 1 to 100 (default: ${DEFAULT-VALUE}).")
  private int rounds = 5;

  @Option(
      names = "--bytes",
      paramLabel = "BYTES",
      converter = ByteSize.class,
      description = "Bytes of an upload; K, M and G are binary (default: 1G).")
  private long bytes = 1L << 30;

  @Option(
      names = "--warmup",
      paramLabel = "BYTES",
      converter = ByteSize.class,
      description = "Bytes uploaded before, by the same processes (default: 256M).")
  private long warmup = 256L << 20;

  @Option(
      names = "--handshakes",
      paramLabel = "N",
      description =
          "In the set 'handshakes', of a peer; ours are six times as many (default: ${DEFAULT-VALUE}).")
  private int handshakes = 500;

  @Option(
      names = "--quick",
      description = "Three rounds of 256M after 128M, whatever else is said.")
  private boolean quick;

  @Option(
      names = "--peers",
      paramLabel = "DIR",
      description =
          "Where the peers' run.sh is (default: ../shared/tools/peers beside the checkout).")
  private @Nullable Path peers;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = REPORT,
      description =
          "Write the tables into FILE's marked section, too (without FILE: docs/PERFORMANCE.md of the checkout).")
  private @Nullable Path report;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = PICTURE,
      description = "Draw bars into FILE (without FILE: docs/performance.svg of the checkout).")
  private @Nullable Path svg;

  @Option(
      names = "--java",
      paramLabel = "OPTIONS",
      description = "Options for our own JVMs, blanks between them.")
  private String java = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    String wrong = check();
    if (!wrong.isEmpty()) {
      throw new CommandLine.ParameterException(spec.commandLine(), wrong);
    }
    if (quick) {
      rounds = QUICK_ROUNDS;
      bytes = QUICK_BYTES;
      warmup = QUICK_WARMUP;
    }
    Plans plans = plans();
    List<String> names = sets.equals(List.of("all")) ? Plans.ALL : sets;
    Interleaved runs =
        new Interleaved(names.stream().map(plans::of).toList(), PeersBench::progress);
    List<Chapter> chapters = runs.run(rounds);
    String text = text(chapters);
    System.out.println(text);
    if (report != null) {
      MarkedSection.write(inCheckout(report), SECTION, picture() + text);
    }
    if (svg != null) {
      String drawn = BarPicture.draw("QUIC for the JVM beside others", conditions(), chapters);
      Files.writeString(inCheckout(svg), drawn, StandardCharsets.UTF_8);
    }
    return chapters.stream().flatMap(c -> c.rows().stream()).allMatch(r -> r.median() == null)
        ? 1
        : 0;
  }

  private String check() {
    if (rounds < 1 || rounds > MAX_ROUNDS) {
      return "--rounds must be 1 to 100";
    }
    if (bytes < 1 << 20 || warmup < 1 << 20) {
      return "--bytes and --warmup must be 1M or more";
    }
    if (handshakes < 1 || handshakes > 100_000) {
      return "--handshakes must be 1 to 100000";
    }
    if (sets.equals(List.of("all"))) {
      return "";
    }
    for (String set : sets) {
      if (!Plans.ALL.contains(set)) {
        return "--sets: no set '" + set + "'; there are all, " + String.join(", ", Plans.ALL);
      }
    }
    return "";
  }

  private Plans plans() throws IOException {
    Path home = Launcher.home();
    Path dir = peers == null ? home.resolve("../shared/tools/peers").normalize() : peers;
    PeerTools tools = PeerTools.find(dir, home.resolve("tests/bench/target/peers"));
    if (tools == null) {
      System.err.println(
          "quic bench: no peers, ourselves only: there is no "
              + dir.resolve(PeerTools.RUNNER)
              + "; say where with --peers DIR");
    }
    OwnRuns own = new OwnRuns(bytes, warmup, java);
    PreloadRuns preload = new PreloadRuns(own, bytes, warmup);
    return new Plans(own, preload, tools, bytes, warmup, handshakes);
  }

  private static void progress(String line) {
    System.err.println(line);
    System.err.flush();
  }

  /** Relative to the checkout when it is the default, to the working directory when it is not. */
  private static Path inCheckout(Path file) throws IOException {
    String name = file.toString();
    return name.equals(REPORT) || name.equals(PICTURE) ? Launcher.home().resolve(file) : file;
  }

  /** A reference to the picture, when it lies beside the report. */
  private String picture() throws IOException {
    if (svg == null || report == null) {
      return "";
    }
    Path from = inCheckout(report).toAbsolutePath().getParent();
    Path to = inCheckout(svg).toAbsolutePath();
    return to.getParent() != null && to.getParent().equals(from)
        ? "![Bars of what follows](" + to.getFileName() + ")\n\n"
        : "";
  }

  private String conditions() {
    return String.format(
        Locale.ROOT,
        "loopback, %d processors, JDK %s, %s, medians of %d",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        LocalDate.now(ZoneOffset.UTC),
        rounds);
  }

  private String text(List<Chapter> chapters) {
    StringBuilder out = new StringBuilder();
    out.append("Uploads of ").append(bytes >> 20).append(" MiB after ").append(warmup >> 20);
    out.append(" MiB, ").append(conditions()).append(". CPU is of whole processes, compilers and");
    out.append(" collectors included.\n");
    for (Chapter c : chapters) {
      out.append('\n').append(c.markdown());
    }
    String goals = Goal.markdown(Plans.goals(chapters));
    return (goals.isEmpty() ? out : out.append('\n').append(goals)).toString();
  }
}
