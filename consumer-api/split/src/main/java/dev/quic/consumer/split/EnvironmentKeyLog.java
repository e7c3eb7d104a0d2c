package dev.quic.consumer.split;

import dev.quic.handshaked.tls.KeyLog;
import dev.quic.handshaked.tls.KeyLogFile;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Writes to the file that {@code SSLKEYLOGFILE} names. It is opened for each secret: handshakes
 * that are logged are few, and nothing has to be closed.
 */
final class EnvironmentKeyLog implements KeyLog {
  private static final String VARIABLE = "SSLKEYLOGFILE";

  private final Path file;

  private EnvironmentKeyLog(Path file) {
    this.file = file;
  }

  /**
   * @param asked whether the program's configuration asks for a log, too
   */
  static KeyLog of(boolean asked) {
    String name = asked ? System.getenv(VARIABLE) : null;
    if (name == null || name.isEmpty()) {
      return NONE;
    }
    try {
      return new EnvironmentKeyLog(Path.of(name));
    } catch (InvalidPathException e) {
      // No file can have this name, so none is written; a handshake does not fail for its log.
      return NONE;
    }
  }

  @Override
  public void secret(String label, byte[] clientRandom, byte[] secret) {
    try (KeyLogFile log = KeyLogFile.open(file)) {
      log.secret(label, clientRandom, secret);
    } catch (IOException e) {
      // As above: the log is an aid for whoever reads captures, who will miss it.
      return;
    }
  }
}
