package dev.quic.system;

import dev.quic.samples.Launcher;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A program of {@code bin/} as a process of its own, and what it prints. Any thread. */
class BinProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final String name;
  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private @Nullable Path copies;
  private Predicate<String> copied = line -> true;
  private boolean ended;

  /**
   * Starts it.
   *
   * @param name of the launcher in {@code bin/}
   * @param environment added to this process's
   * @param javaOptions {@code -D} and {@code -X} options, none with a space in it
   */
  BinProcess(
      String name, Map<String, String> environment, List<String> arguments, String... javaOptions)
      throws IOException {
    this.name = name;
    List<String> command = new ArrayList<>();
    command.add(checkout().resolve("bin").resolve(name).toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // Maven has just built it.
    builder.environment().put("QUIC_NO_BUILD", "1");
    // Short lives: the second compiler would only cost time.
    builder
        .environment()
        .put("QUIC_JAVA_OPTS", "-XX:TieredStopAtLevel=1 " + String.join(" ", javaOptions));
    builder.environment().putAll(environment);
    process = builder.start();
    Thread.ofVirtual().name(name + "-log").start(this::collect);
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
        throw new AssertionError(name + " never said it; it said: " + lines);
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
      throw new AssertionError(name + " goes on; it said: " + lines());
    }
    synchronized (this) {
      // What it printed last may still be on its way.
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      long left = TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS);
      while (!ended && left > 0) {
        wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      }
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
        throw new AssertionError(name + " did not say it " + count + " times: " + lines);
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
    Launcher.stop(process, PATIENCE_SECONDS);
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

  /**
   * Has further lines that fit appended to a file, for other processes.
   *
   * @param file which exists
   */
  synchronized void alsoTo(Path file, Predicate<String> fits) {
    copies = file;
    copied = fits;
  }

  private synchronized void add(String line) {
    lines.add(line);
    if (copies != null && copied.test(line)) {
      try {
        Files.writeString(copies, line + "\n", StandardOpenOption.APPEND);
      } catch (IOException e) {
        lines.add("cannot write " + copies + ": " + e);
      }
    }
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
