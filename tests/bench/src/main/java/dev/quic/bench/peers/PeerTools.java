package dev.quic.bench.peers;

import dev.quic.bench.report.FlatJson;
import dev.quic.bench.report.Sample;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Other stacks, by a directory with a {@code run.sh} that prints one JSON line a run. It is copied
 * and built in our own build directory, since the original may be read-only.
 */
final class PeerTools {
  static final String RUNNER = "run.sh";

  /** A build that has to download, too. */
  private static final long SECONDS = 1_200;

  private final Path copy;
  private final Path java;

  private PeerTools(Path copy, Path java) {
    this.copy = copy;
    this.java = java;
  }

  /**
   * @param original where the peers are
   * @param copy where to build them
   * @return null when there are none
   */
  static @Nullable PeerTools find(Path original, Path copy) throws IOException {
    if (!Files.isRegularFile(original.resolve(RUNNER))) {
      return null;
    }
    Files.createDirectories(copy);
    copyTree(original, copy);
    return new PeerTools(copy, Path.of(System.getProperty("java.home")));
  }

  private static void copyTree(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a)
              throws IOException {
            Path target = to.resolve(from.relativize(dir).toString());
            // What somebody built there is not ours to use.
            if (dir.endsWith("target") || dir.endsWith(".git")) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(target);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Path target = to.resolve(from.relativize(file).toString());
            if (!Files.exists(target) || Files.mismatch(file, target) >= 0) {
              Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** One upload on one stream. */
  Sample bulk(String peer, long bytes, long warmup, int msgLen)
      throws IOException, InterruptedException {
    FlatJson line =
        run(
            "gbit_s",
            "-p",
            peer,
            "-m",
            Integer.toString(msgLen),
            "-b",
            Long.toString(bytes),
            "-w",
            Long.toString(warmup),
            "-H",
            "0");
    return new Sample(
        line.number("gbit_s", 0),
        line.number("client_cpu_s_per_gib", Sample.UNKNOWN),
        line.number("server_cpu_s_per_gib", Sample.UNKNOWN),
        0);
  }

  /** Handshakes, so many at a time. */
  Sample handshakes(String peer, int count, int concurrency)
      throws IOException, InterruptedException {
    FlatJson line =
        run(
            "per_s",
            "-p",
            peer,
            "-m",
            "",
            "-H",
            Integer.toString(count),
            "-c",
            Integer.toString(concurrency));
    return new Sample(
        line.number("per_s", 0),
        line.number("client_cpu_ms_each", Sample.UNKNOWN),
        Sample.UNKNOWN,
        0);
  }

  private FlatJson run(String wanted, String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(copy.resolve(RUNNER).toString(), "-j", java.toString(), "-n", "1"));
    command.addAll(List.of(options));
    List<String> lines = Command.run(command, copy, Map.of("JAVA_HOME", java.toString()), SECONDS);
    for (String line : lines) {
      FlatJson json = FlatJson.parse(line);
      if (json.has(wanted)) {
        return json;
      }
    }
    throw new IOException(lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1));
  }
}
