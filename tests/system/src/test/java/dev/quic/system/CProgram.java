package dev.quic.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs in C: compiled by {@code cc}, run to their end. */
final class CProgram {
  private static final Path SOURCES =
      BinProcess.checkout().resolve("tests/system/src/test/c").normalize();
  private static final Path BUILD =
      BinProcess.checkout().resolve("consumer-api/preload/build.sh").normalize();
  private static final List<String> FLAGS =
      List.of("-std=gnu11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Werror");
  private static final long PATIENCE_SECONDS = 120;

  private CProgram() {}

  /** How a program ended, and what it said. */
  record Ended(int status, String output) {}

  /**
   * Compiles the sources of a directory with the TLS they share.
   *
   * @param into the program
   */
  static Path compile(String directory, Path into, String... flags) throws Exception {
    List<String> command = new ArrayList<>(List.of("cc"));
    command.addAll(FLAGS);
    command.addAll(List.of(flags));
    command.addAll(List.of("-o", into.toString(), SOURCES.resolve("quictls.c").toString()));
    try (Stream<Path> files = Files.list(SOURCES.resolve(directory))) {
      files
          .filter(f -> f.toString().endsWith(".c"))
          .sorted(Comparator.naturalOrder())
          .forEach(f -> command.add(f.toString()));
    }
    command.addAll(List.of("-lgnutls", "-pthread"));
    succeed(run(Map.of(), command));
    return into;
  }

  /** Builds the preload library where the launchers look for it. */
  static void library() throws Exception {
    succeed(run(Map.of(), List.of(BUILD.toString())));
  }

  /** Builds it elsewhere with more flags. */
  static void library(Path into, String flags) throws Exception {
    succeed(run(Map.of("CFLAGS", flags), List.of(BUILD.toString(), into.toString())));
  }

  /** What {@code cc} calls a file of its own. */
  static String file(String name) throws Exception {
    return succeed(run(Map.of(), List.of("cc", "-print-file-name=" + name))).output().strip();
  }

  static Ended succeed(Ended e) {
    if (e.status() != 0) {
      throw new AssertionError("status " + e.status() + ": " + e.output());
    }
    return e;
  }

  static Ended run(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("output", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process p = builder.start();
    try {
      if (!p.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        p.descendants().forEach(ProcessHandle::destroyForcibly);
        p.destroyForcibly().waitFor();
        throw new AssertionError(command + " goes on: " + Files.readString(output));
      }
      return new Ended(p.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      Files.delete(output);
    }
  }
}
