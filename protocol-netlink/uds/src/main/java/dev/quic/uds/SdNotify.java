package dev.quic.uds;

import dev.quic.uds.linux.UnixSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells the service manager how a daemon is, by the protocol of {@code sd_notify(3)}: a datagram to
 * the socket named in {@code $NOTIFY_SOCKET}. Any thread.
 */
public final class SdNotify {
  private final @Nullable String socket;

  private SdNotify(@Nullable String socket) {
    this.socket = socket;
  }

  /** The manager named by the environment; without one every message goes nowhere. */
  public static SdNotify fromEnvironment() {
    return to(System.getenv("NOTIFY_SOCKET"));
  }

  /**
   * @param socket a path, or {@code @name} in the abstract space; null or anything else for nobody
   */
  public static SdNotify to(@Nullable String socket) {
    boolean usable = socket != null && (socket.startsWith("/") || socket.startsWith("@"));
    return new SdNotify(usable ? socket : null);
  }

  /** Start-up is complete. */
  public boolean ready() {
    return send("READY=1");
  }

  /** The configuration is being read again; {@link #ready} follows. */
  public boolean reloading() {
    return send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1_000);
  }

  public boolean stopping() {
    return send("STOPPING=1");
  }

  /** Still alive, for a unit with {@code WatchdogSec=}. */
  public boolean watchdog() {
    return send("WATCHDOG=1");
  }

  /**
   * How often the manager wants to hear {@link #watchdog}, in microseconds; 0 for never. Half of it
   * is a good period.
   *
   * @param environment {@code WATCHDOG_USEC}, and {@code WATCHDOG_PID} when it may be somebody
   *     else's
   */
  public static long watchdogMicros(Map<String, String> environment, long ownPid) {
    String pid = environment.get("WATCHDOG_PID");
    if (pid != null && !pid.equals(Long.toString(ownPid))) {
      return 0;
    }
    try {
      return Math.max(0, Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0")));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** One line for {@code systemctl status}. */
  public boolean status(String line) {
    return send("STATUS=" + line.replace('\n', ' '));
  }

  /**
   * @return whether a manager took it; trouble here never stops a daemon
   */
  private boolean send(String message) {
    if (socket == null) {
      return false;
    }
    try {
      return UnixSocket.sendDatagram(socket, message.getBytes(StandardCharsets.UTF_8)) > 0;
    } catch (IOException e) {
      return false;
    }
  }
}
