package dev.quic.bench;

import dev.quic.bench.load.HandshakeLoad;
import dev.quic.samples.AtExit;
import dev.quic.samples.Keys;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A data plane and a handshake daemon, as on one machine. */
final class Host {
  private static final long START_SECONDS = 120;

  private final String name;
  private final Path dir;
  private final BenchOptions options;
  private final AtExit exit;
  private final List<Program> programs = new ArrayList<>();

  /**
   * @param name tells the processes of several hosts apart
   * @param dir with the test authority's files in {@code keys/}
   */
  Host(String name, Path dir, BenchOptions options, AtExit exit) {
    this.name = name;
    this.dir = dir;
    this.options = options;
    this.exit = exit;
  }

  String name() {
    return name;
  }

  List<Program> programs() {
    return programs;
  }

  /**
   * Starts the data plane with the consumers in it.
   *
   * @return the data plane
   */
  Program dataPlane(String... consumers) throws IOException, InterruptedException {
    String name = new HandshakeLoad().name() + "=";
    return dataPlaneWith(Arrays.stream(consumers).map(c -> name + c).toArray(String[]::new));
  }

  /**
   * The same with consumers of any kind.
   *
   * @param consumers each {@code NAME=ARGUMENTS}
   */
  Program dataPlaneWith(String... consumers) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--run-dir", run().toString(), "--consumers", ownJar().toString()));
    for (String consumer : consumers) {
      arguments.addAll(List.of("--consumer", consumer));
    }
    return start("dataplane", arguments);
  }

  Program daemon() throws IOException, InterruptedException {
    Path config = dir.resolve("handshaked-" + name + ".conf");
    Files.writeString(config, configText());
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--stderr", "--run-dir", run().toString()));
    arguments.addAll(List.of("--config", config.toString()));
    if (!options.trace.isEmpty()) {
      arguments.addAll(List.of("--trace", options.trace));
    }
    Program daemon = start("handshaked", arguments);
    daemon.awaitLine("ready: listening", START_SECONDS);
    return daemon;
  }

  private Program start(String program, List<String> arguments) throws IOException {
    String java = options.javaOptions(program + "-" + name);
    Program p = exit.make(() -> Program.start(program, options.cpus(), java, arguments));
    programs.add(p);
    return p;
  }

  private Path run() {
    return dir.resolve("run-" + name);
  }

  private String configText() {
    Path keys = dir.resolve("keys");
    return String.join(
        "\n",
        "[authenticate.client]",
        "x509.truststore = " + keys.resolve(Keys.CA_CERT),
        "[authenticate.server]",
        "x509.certificate = " + keys.resolve(Keys.SERVER_CERT),
        "x509.private_key = " + keys.resolve(Keys.SERVER_KEY),
        "[tls]",
        "groups = " + options.group,
        "[session]",
        // Each first flight is remembered for the window; a round may have more than the default.
        "early_data = " + (options.modes.contains("0rtt") ? "yes" : "no"),
        "replay_entries = 1000000",
        "");
  }

  /** The directory with the jar, or the classes, of {@link HandshakeLoad}. */
  private static Path ownJar() throws IOException {
    try {
      Path code =
          Path.of(HandshakeLoad.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path parent = code.getParent();
      return Files.isDirectory(code) || parent == null ? code : parent;
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
