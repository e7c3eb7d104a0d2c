package dev.quic.bench;

import dev.quic.samples.Launcher;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One of the programs in {@code bin/} as a process, pinned to processors, until closed. */
public final class Program implements AutoCloseable {
  private static final long STOP_SECONDS = 5;

  /** Lines that may wait to be read; the oldest are the most wanted, later ones are dropped. */
  private static final int KEPT = 1_000;

  private static final String END = "";

  private final String name;
  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(KEPT);

  private Program(String name, Process process) {
    this.name = name;
    this.process = process;
    Thread.ofVirtual().name("output-" + name).start(this::collect);
  }

  /**
   * @param name of the launcher in {@code bin/}
   * @param cpus list for taskset; empty for all
   * @param javaOptions added to the launcher's own
   */
  public static Program start(String name, String cpus, String javaOptions, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (!cpus.isEmpty()) {
      command.addAll(List.of("taskset", "-c", cpus));
    }
    command.add(Launcher.home().resolve("bin").resolve(name).toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("QUIC_NO_BUILD", "1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("QUIC_JAVA_OPTS", javaOptions);
    return new Program(name, builder.start());
  }

  public String name() {
    return name;
  }

  /** Every launcher ends in exec, so this is the JVM. */
  public long pid() {
    return process.pid();
  }

  /**
   * Waits for the next line that contains {@code marker}; lines before it are dropped.
   *
   * @return what follows the marker
   * @throws IOException the process ended, said that it failed, or took too long
   */
  public String awaitLine(String marker, long seconds) throws IOException, InterruptedException {
    String last = "nothing";
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (true) {
      String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null || line.equals(END)) {
        throw new IOException(name + (line == null ? " is too slow" : " ended") + ": " + last);
      }
      int at = line.indexOf(marker);
      if (at >= 0) {
        return line.substring(at + marker.length());
      }
      if (line.startsWith("bench failed")) {
        throw new IOException(line);
      }
      last = line;
    }
  }

  private void collect() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        // A daemon that logs each handshake must not wait for us.
        var unused = line.isEmpty() || lines.offer(line);
      }
    } catch (IOException e) {
      var unused = lines.offer(String.valueOf(e.getMessage()));
    }
    var unused = lines.offer(END);
  }

  /** SIGTERM, and SIGKILL if that is not enough. */
  @Override
  public void close() {
    Launcher.stop(process, STOP_SECONDS);
  }
}
