package dev.quic.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
final class Command {
  private static final long STOP_SECONDS = 5;

  private Command() {}

  /**
   * @param directory it works in
   * @param seconds it may take
   * @return what it printed, standard error included
   * @throws IOException it failed or took too long; with its last line
   */
  static List<String> run(
      List<String> command, Path directory, Map<String, String> environment, long seconds)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("quic-bench", ".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(out.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      try {
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        List<String> lines = lines(out);
        if (!ended || process.exitValue() != 0) {
          String last = lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
          throw new IOException(
              (ended ? "exit status " + process.exitValue() : "over " + seconds + " s")
                  + ": "
                  + last);
        }
        return lines;
      } finally {
        stop(process);
      }
    } finally {
      Files.deleteIfExists(out);
    }
  }

  /** Whatever it started, too: a runner's servers would go on for ever. */
  private static void stop(Process process) throws InterruptedException {
    List<ProcessHandle> below = process.descendants().toList();
    process.destroy();
    below.forEach(ProcessHandle::destroy);
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    below.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
  }

  private static List<String> lines(Path out) throws IOException {
    return new String(Files.readAllBytes(out), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
  }
}
