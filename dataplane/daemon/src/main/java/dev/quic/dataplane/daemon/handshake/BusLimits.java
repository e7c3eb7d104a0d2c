package dev.quic.dataplane.daemon.handshake;

/** Every bound of the bus in one place. */
public final class BusLimits {
  private BusLimits() {}

  /** Connections at one time; further ones are closed at once. */
  public static final int CONNECTIONS = 256;

  /** Messages that may wait for one slow reader; then they are dropped, counted, and ENOBUFS. */
  public static final int QUEUED_MESSAGES = 128;

  /** Requests of one packet; the rest is ignored. */
  public static final int REQUESTS_PER_PACKET = 64;
}
