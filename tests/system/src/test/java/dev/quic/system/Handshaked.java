package dev.quic.system;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code bin/handshaked} as a process of its own, and what it logs. Any thread. */
final class Handshaked extends BinProcess {
  private Handshaked(Map<String, String> environment, List<String> arguments, String... javaOptions)
      throws IOException {
    super("handshaked", environment, arguments, javaOptions);
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
    List<String> arguments =
        List.of(
            "--stderr",
            "--run-dir",
            runDir.toString(),
            "--config",
            config.toString(),
            "--trace",
            trace.toString());
    Handshaked daemon = new Handshaked(environment, arguments, javaOptions);
    daemon.awaitLine(line -> line.contains("ready: listening"));
    return daemon;
  }
}
