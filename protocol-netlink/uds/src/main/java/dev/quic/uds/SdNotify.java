package dev.quic.uds;

import dev.quic.uds.linux.UnixSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
