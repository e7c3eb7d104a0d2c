package dev.quic.handshaked.daemon.config;

import java.nio.file.Path;

/**
 * Section {@code [keys]}: where the keys are that requests name by serial.
 *
 * @param source a directory, or the kernel's keyrings
 * @param directory used with {@link Source#DIRECTORY} only
 * @param peers whether a client's consumer is told of a key made of the server's certificate
 */
public record KeySettings(Source source, Path directory, boolean peers) {
  /** What serials are numbers of. */
  public enum Source {
    DIRECTORY,
    KERNEL
  }

  /** Where keys are unless the file says otherwise. */
  public static final Path DEFAULT_DIRECTORY = Path.of("/etc/handshaked/keys");

  public static final KeySettings DEFAULT =
      new KeySettings(Source.DIRECTORY, DEFAULT_DIRECTORY, true);

  private static final String SECTION = "keys";

  static KeySettings of(ConfigText text) throws ConfigException {
    String name = text.ini().string(SECTION, "source");
    Source source =
        switch (name == null ? "directory" : name) {
          case "directory" -> Source.DIRECTORY;
          case "kernel" -> Source.KERNEL;
          default ->
              throw text.error(SECTION, "source", "= " + name + ": neither directory nor kernel");
        };
    Path directory = text.path(SECTION, "directory");
    if (directory != null && source == Source.KERNEL) {
      text.warn(SECTION, "directory", "has no effect with source = kernel");
    }
    boolean peers = text.flag(SECTION, "peers", true);
    return new KeySettings(source, directory == null ? DEFAULT_DIRECTORY : directory, peers);
  }
}
