package dev.quic.dataplane.daemon.cli;

import dev.quic.dataplane.daemon.handshake.HandshakeLimits;
import dev.quic.uds.FileReason;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@code -c FILE}: lines {@code key = value}, {@code #} for comments.
 *
 * @param handshake limits of the handshake family: {@code handshake.pending} (3 to 50), {@code
 *     handshake.timeout_ms}
 * @param acceptUids users besides root and our own whose daemons may ACCEPT: {@code
 *     handshake.accept_uids}
 * @param acceptGids groups whose daemons may ACCEPT: {@code handshake.accept_gids}
 * @param privilegedPorts whether anyone may bind ports below 1024: {@code socket.privileged_ports}
 * @param quicLb connection ids for a load balancer: {@code quic_lb.*}; null for none
 */
public record DataPlaneConfig(
    HandshakeLimits handshake,
    Set<Long> acceptUids,
    Set<Long> acceptGids,
    boolean privilegedPorts,
    @Nullable QuicLbConfig quicLb) {
  public static final DataPlaneConfig DEFAULT =
      new DataPlaneConfig(HandshakeLimits.DEFAULT, Set.of(), Set.of(), false, null);

  private static final Set<String> KEYS =
      Set.of(
          "handshake.pending",
          "handshake.timeout_ms",
          "handshake.accept_uids",
          "handshake.accept_gids",
          "socket.privileged_ports",
          "quic_lb.server_id",
          "quic_lb.config",
          "quic_lb.key");

  public DataPlaneConfig {
    acceptUids = Set.copyOf(acceptUids);
    acceptGids = Set.copyOf(acceptGids);
  }

  /**
   * @throws StartException when it cannot be read or says what cannot be
   */
  public static DataPlaneConfig load(Path file) throws StartException {
    Properties p = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      p.load(in);
    } catch (IOException e) {
      throw new StartException("cannot read " + file + ": " + FileReason.of(e), e);
    } catch (IllegalArgumentException e) {
      throw new StartException("cannot read " + file + ": " + e.getMessage(), e);
    }
    TreeSet<String> unknown = new TreeSet<>(p.stringPropertyNames());
    unknown.removeAll(KEYS);
    if (!unknown.isEmpty()) {
      throw new StartException(file + ": unknown key " + unknown.first());
    }
    try {
      HandshakeLimits limits =
          new HandshakeLimits(
              number(p, "handshake.pending", HandshakeLimits.DEFAULT.pending()),
              number(p, "handshake.timeout_ms", HandshakeLimits.DEFAULT.defaultTimeoutMs()));
      return new DataPlaneConfig(
          limits,
          ids(p, "handshake.accept_uids", Accounts.USERS),
          ids(p, "handshake.accept_gids", Accounts.GROUPS),
          flag(p, "socket.privileged_ports"),
          QuicLbConfig.of(p));
    } catch (IllegalArgumentException e) {
      throw new StartException(file + ": " + e.getMessage(), e);
    }
  }

  private static int number(Properties p, String key, int standard) {
    String v = p.getProperty(key);
    try {
      return v == null ? standard : Integer.parseInt(v.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + " is no number: " + v, e);
    }
  }

  private static boolean flag(Properties p, String key) {
    String v = p.getProperty(key, "false").strip();
    return switch (v) {
      case "true", "yes", "1" -> true;
      case "false", "no", "0" -> false;
      default -> throw new IllegalArgumentException(key + " is neither true nor false: " + v);
    };
  }

  private static Set<Long> ids(Properties p, String key, Accounts accounts) {
    return Arrays.stream(p.getProperty(key, "").split(","))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .map(accounts::id)
        .collect(Collectors.toSet());
  }
}
