package dev.quic.uds.door;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The directory of the daemons' sockets: an option, {@code $QUIC_RUN_DIR}, then by user
 * (docs/protocol.md).
 */
public record RunDir(Path path) {
  public static RunDir resolve(@Nullable Path option) {
    if (option != null) {
      return new RunDir(option);
    }
    String env = System.getenv("QUIC_RUN_DIR");
    if (env != null && !env.isEmpty()) {
      return new RunDir(Path.of(env));
    }
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (isRoot() || runtime == null || runtime.isEmpty()) {
      return new RunDir(Path.of("/run/quic"));
    }
    return new RunDir(Path.of(runtime, "quic"));
  }

  private static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException e) {
      return "root".equals(System.getProperty("user.name"));
    }
  }

  public Path netlink() {
    return path.resolve("netlink.sock");
  }

  public Path socket() {
    return path.resolve("socket.sock");
  }

  public Path diag() {
    return path.resolve("diag.sock");
  }
}
