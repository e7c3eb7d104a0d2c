package dev.quic.dataplane.io;

/** Every bound of the I/O module in one place. */
public final class IoLimits {
  private IoLimits() {}

  /** Tasks waiting in a shard's ring; a power of two. */
  public static final int RING_TASKS = 4_096;

  /** Tasks run before packets and timers get their turn. */
  public static final int TASKS_PER_TURN = 256;

  /** Receive batches taken from one port before the next port gets its turn. */
  public static final int BATCHES_PER_PORT = 4;

  /** Rounds of wake-ups delivered in one turn; later ones wait for the next turn. */
  public static final int WAKE_ROUNDS = 4;

  /** Bytes of the receive slab of a shard. */
  public static final int RX_SLAB_BYTES = 262_144;

  /** Datagrams in one receive batch. */
  public static final int RX_DATAGRAMS = 512;

  /** Largest UDP payload, and so the largest run of segments one system call moves. */
  public static final int MAX_RUN_BYTES = 65_535;

  /** Datagrams in one received run at most (the kernel joins up to 64, newer ones up to 128). */
  public static final int MAX_RUN_SEGMENTS = 128;

  /** Bytes kept per port for a full socket buffer; further sends are dropped and counted. */
  public static final int TX_BACKLOG_BYTES = 1 << 20;

  /** Socket buffers that fast transfers need, bytes each way; less is told. */
  public static final int SOCKET_BUFFER_BYTES = 4 << 20;

  /**
   * Receive buffer asked for, bytes: all connections of a port share it, and what does not fit is
   * lost. The kernel grants more than net.core.rmem_max to a privileged process only.
   */
  public static final int RECEIVE_BUFFER_BYTES = 16 << 20;

  /** UDP ports of one shard. */
  public static final int PORTS = 65_536;

  /** Events taken from the kernel in one poll. */
  public static final int EVENTS_PER_POLL = 256;

  /** Remembered source addresses and MTUs of routes, each. */
  public static final int ROUTES = 1_024;

  /** How long a remembered route is believed, nanoseconds. */
  public static final long ROUTE_NANOS = 5_000_000_000L;

  /** Longest busy wait that can be asked for, microseconds. */
  public static final int BUSY_POLL_MICROS = 1_000_000;

  /** Longest busy wait after the last packet where nothing else is asked for, nanoseconds. */
  public static final long SPIN_NANOS = 40_000;

  /** Least time between two looks of a shard's thread while another one leads, nanoseconds. */
  static final long LEAST_STANDBY_NANOS = 1_000_000;

  /** A shard that was quiet for longer does not wait awake after what came then, nanoseconds. */
  static final long QUIET_NANOS = 5 * SPIN_NANOS;

  /** How late a shard's thread may look after who led before it is woken for it, nanoseconds. */
  static final long LOOK_SLACK_NANOS = 100_000;

  /** Time between two calls to a leader to leave a shard that stops, nanoseconds. */
  static final long EVICT_NANOS = 50_000;

  /** Turns without a sleep after which a program's thread is woken all the same. */
  static final int LATE_WAKE_TURNS = 4;

  /** Turns that an answer waits at most for packets between local sockets to come to rest. */
  public static final int SETTLE_TURNS = 8;

  /** Turns in a row whose core calls threw before the shard gives up. */
  public static final int CORE_FAILURES = 16;

  /** A turn longer than this is counted as a stall, nanoseconds. */
  public static final long STALL_NANOS = 10_000_000;
}
