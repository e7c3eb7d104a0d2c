package dev.quic.dataplane.daemon.door;

/** Every bound of the door in one place. */
public final class DoorLimits {
  private DoorLimits() {}

  /** Control connections at one time; further ones are closed at once. */
  public static final int CONTROL_CONNECTIONS = 1_024;

  /** Sockets one control connection may hold handles of (EMFILE). */
  public static final int SOCKETS_PER_PROCESS = 8_192;

  /** Bytes of one control packet. */
  public static final int CONTROL_PACKET_BYTES = 128 * 1024;

  /** Requests in one control packet; the rest is not run. */
  public static final int REQUESTS_PER_PACKET = 64;

  /** Largest option value, as in the kernel (EINVAL). */
  public static final int OPTION_BYTES = 4_096;

  /** Payload of one data packet. */
  public static final int DATA_PACKET_BYTES = 64 * 1024;

  /** Packets read from, or written to, one descriptor before the others get their turn. */
  public static final int PACKETS_PER_VISIT = 32;

  /** Accepted connections of one listener whose descriptors still have to be made and passed. */
  public static final int ACCEPT_AHEAD = 16;

  /** Ports that need uid 0. */
  public static final int PRIVILEGED_PORTS = 1_024;
}
