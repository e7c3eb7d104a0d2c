package dev.quic.dataplane.daemon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who we are. */
final class Credentials {
  private Credentials() {}

  /** The effective uid, or -1 where it cannot be told. */
  static long effectiveUid() {
    try {
      // Our own /proc entry belongs to the effective user, unlike the property user.name.
      return uidOf(Path.of("/proc/self"));
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return -1;
    }
  }

  /** The owner of a file, symbolic links followed. */
  static long uidOf(Path file) throws IOException {
    return ((Integer) Files.getAttribute(file, "unix:uid")) & 0xffff_ffffL;
  }

  static boolean isRoot() {
    return effectiveUid() == 0;
  }
}
