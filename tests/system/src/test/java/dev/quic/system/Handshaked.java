package dev.quic.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** {@code bin/handshaked} as a process of its own, and what it logs. Any thread. */
final class Handshaked implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private boolean ended;

  private Handshaked(Process process) {
    this.process = process;
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param trace where its calls are written
   * @param javaOptions {@code -D} and {@code -X} options, none with a space in it
   */
  static Handshaked start(Path runDir, Path config, Path trace, String... javaOptions)
      throws Exception {
    return start(runDir, config, trace, Map.of(), javaOptions);
  }

  /** As the other, with some more environment. */
  static Handshaked start(
      Path runDir, Path config, Path trace, Map<String, String> environment, String... javaOptions)
      throws Exception {
    List<String> command =
        List.of(
            checkout().resolve("bin/handshaked").toString(),
            "--stderr",
            "--run-dir",
            runDir.toString(),
            "--config",
            config.toString(),
            "--trace",
            trace.toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // Maven has just built it.
    builder.environment().put("QUIC_NO_BUILD", "1");
    // Short lives: the second compiler would only cost time.
    builder
        .environment()
        .put("QUIC_JAVA_OPTS", "-XX:TieredStopAtLevel=1 " + String.join(" ", javaOptions));
    builder.environment().putAll(environment);
    Handshaked daemon = new Handshaked(builder.start());
    Thread.ofVirtual().name("handshaked-log").start(daemon::collect);
    daemon.awaitLine(line -> line.contains("ready: listening"));
    return daemon;
  }

  /** The first line that fits, as soon as it is there; fails when the process ends without. */
  synchronized String awaitLine(Predicate<String> fits) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      for (String line : lines) {
        if (fits.test(line)) {
          return line;
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (ended || left <= 0) {
        throw new AssertionError("handshaked never said it; it said: " + lines);
      }
      wait(left);
    }
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** Waits for the end of the process. @return its status */
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("handshaked goes on; it said: " + lines());
    }
    return process.exitValue();
  }

  /**
   * Sends a signal.
   *
   * @param name without SIG
   */
  void signal(String name) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    if (new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid).start().waitFor() != 0) {
      throw new AssertionError("cannot send SIG" + name);
    }
  }

  long pid() {
    return process.pid();
  }

  /** Whether SIGSTOP holds it. */
  boolean isStopped() throws IOException {
    Path stat = Path.of("/proc", Long.toString(process.pid()), "stat");
    String line = Files.readString(stat);
    // The state follows the name, which may hold anything but ends with the last bracket.
    return line.startsWith("T", line.lastIndexOf(')') + 2);
  }

  /** Waits until so many lines fit. */
  synchronized void awaitCount(Predicate<String> fits, int count) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (lines.stream().filter(fits).count() < count) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (ended || left <= 0) {
        throw new AssertionError("handshaked did not say it " + count + " times: " + lines);
      }
      wait(left);
    }
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM, and SIGKILL if that is not enough. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void collect() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line;
      while ((line = out.readLine()) != null) {
        add(line);
      }
    } catch (IOException e) {
      add("its output broke: " + e);
    }
    end();
  }

  private synchronized void add(String line) {
    lines.add(line);
    notifyAll();
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** The directory above us that holds the launchers. */
  static Path checkout() {
    for (Path d = Path.of("").toAbsolutePath(); d != null; d = d.getParent()) {
      if (d.resolve("bin/handshaked").toFile().canExecute()) {
        return d;
      }
    }
    throw new IllegalStateException("not below a checkout");
  }
}
