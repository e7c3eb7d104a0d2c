package dev.quic.samples;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One of the programs in {@code bin/} as a process of its own, until closed. */
public final class Launcher implements AutoCloseable {
  /** How long a program may take until its line appears, and until it ends after SIGTERM. */
  private static final long START_SECONDS = 30;

  private static final long STOP_SECONDS = 20;

  /** Lines kept for an error message. */
  private static final int KEPT = 50;

  private final String name;
  private final Process process;
  private final Deque<String> lines = new ArrayDeque<>();
  private boolean ended;

  private Launcher(String name, Process process) {
    this.name = name;
    this.process = process;
    Thread.ofVirtual().name("output-" + name).start(this::collect);
  }

  /**
   * @param name of the launcher in {@code bin/}
   */
  public static Launcher start(String name, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(home().resolve("bin").resolve(name).toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("QUIC_NO_BUILD", "1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return new Launcher(name, builder.start());
  }

  /** The checkout: the launcher of this process says where it is. */
  public static Path home() throws IOException {
    String home = System.getProperty("quic.home");
    if (home == null) {
      throw new IOException("not started by bin/quic: the property quic.home is missing");
    }
    return Path.of(home);
  }

  /**
   * Waits for a line of output that contains {@code marker}.
   *
   * @return what follows the marker
   * @throws IOException the process ended or took too long; its output is in the message
   */
  public synchronized String awaitLine(String marker) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      for (String line : lines) {
        int at = line.indexOf(marker);
        if (at >= 0) {
          return line.substring(at + marker.length());
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (ended || left <= 0) {
        String last = String.join(" | ", lines);
        throw new IOException(
            name + (ended ? " ended" : " is not ready") + (last.isEmpty() ? "" : ": " + last));
      }
      wait(left);
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** The last lines it printed. */
  public synchronized List<String> output() {
    return List.copyOf(lines);
  }

  /** SIGTERM, and SIGKILL if that is not enough. */
  @Override
  public void close() {
    stop(process, STOP_SECONDS);
  }

  /**
   * SIGTERM, and SIGKILL if that is not enough, or if the thread is interrupted meanwhile.
   *
   * @param seconds how long it may take to end by itself
   */
  public static void stop(Process process, long seconds) {
    process.destroy();
    try {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
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
      add(OneLine.of(e));
    }
    end();
  }

  private synchronized void add(String line) {
    if (lines.size() == KEPT) {
      lines.removeFirst();
    }
    lines.addLast(line);
    notifyAll();
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }
}
