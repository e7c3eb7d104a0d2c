package dev.quic.arch;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the sources and the built modules are. */
final class Checkout {
  /** The directory of the parent pom: the one above the test's that holds {@code bin}. */
  static final Path ROOT = find();

  private Checkout() {}

  private static Path find() {
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      if (Files.isExecutable(dir.resolve("bin/quic"))) {
        return dir;
      }
    }
    throw new IllegalStateException("not below a checkout");
  }
}
