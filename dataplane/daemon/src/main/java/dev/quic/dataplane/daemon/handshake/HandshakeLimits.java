package dev.quic.dataplane.daemon.handshake;

/**
 * Bounds of the handshake family.
 *
 * @param pending requests that may wait for an ACCEPT, 3 to 50 as the kernel
 * @param defaultTimeoutMs for requests that name none; at least 1
 */
public record HandshakeLimits(int pending, int defaultTimeoutMs) {
  public static final int PENDING_MIN = 3;
  public static final int PENDING_MAX = 50;

  /** Requests a daemon accepted and has not finished; further ACCEPTs answer EAGAIN. */
  public static final int ACCEPTED_MAX = 4096;

  /** Longest time a request may ask for: one hour. */
  public static final int TIMEOUT_MAX_MS = 3_600_000;

  public static final HandshakeLimits DEFAULT = new HandshakeLimits(PENDING_MAX, 10_000);

  public HandshakeLimits {
    pending = Math.clamp(pending, PENDING_MIN, PENDING_MAX);
    defaultTimeoutMs = Math.clamp(defaultTimeoutMs, 1, TIMEOUT_MAX_MS);
  }
}
