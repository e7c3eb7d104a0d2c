package dev.quic.dataplane.daemon.door;

/** Every bound of the door in one place. */
public final class DoorLimits {
  private DoorLimits() {}

  /** Control connections at one time; further ones are closed at once. */
  public static final int CONTROL_CONNECTIONS = 1_024;

  /** Of them, those of one user other than root. */
  public static final int CONTROL_CONNECTIONS_PER_USER = 256;

  /** Sockets one control connection may hold handles of (EMFILE). */
  public static final int SOCKETS_PER_PROCESS = 32_768;

  /** Requests in one control packet; the rest is not run. */
  public static final int REQUESTS_PER_PACKET = 64;

  /** Largest option value, as in the kernel (EINVAL). */
  public static final int OPTION_BYTES = 4_096;

  /** Packets read from, or written to, one descriptor before the others get their turn. */
  public static final int PACKETS_PER_VISIT = 32;

  /** Packets read from a descriptor before a call on its socket: more than its buffer holds. */
  public static final int PACKETS_PER_CALL = 4_096;

  /** Accepted connections of one listener whose descriptors still have to be made and passed. */
  public static final int ACCEPT_AHEAD = 16;

  /** Kernel buffer of a control connection, so that the largest packets fit whole. */
  public static final int BUFFER_BYTES = 1 << 18;

  /**
   * Kernel buffer of a data descriptor each way. It bounds what has left QUIC's flow control and
   * has not reached the program.
   */
  public static final int DATA_BUFFER_BYTES = 1 << 20;

  /** Text of views that is taken and not yet read, of all connections (ENOBUFS). */
  public static final long VIEW_BYTES = 1 << 26;

  /** Ports that need uid 0. */
  public static final int PRIVILEGED_PORTS = 1_024;
}
