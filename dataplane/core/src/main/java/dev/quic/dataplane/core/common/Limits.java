package dev.quic.dataplane.core.common;

/**
 * Every bound of the core in one place. Nothing a peer or a program does may make a table or queue
 * grow past the number named here.
 */
public final class Limits {
  private Limits() {}

  /** Bytes of CRYPTO data held per level, out of order included (RFC 9000 section 7.5). */
  public static final int CRYPTO_BUFFER_BYTES = 65_536;

  /** Bytes of CRYPTO data a socket may queue for sending per level. */
  public static final int CRYPTO_SEND_BYTES = 262_144;

  /** Received ranges remembered per packet number space. */
  public static final int ACK_RANGES = 64;

  /** An ACK may leave before it is due, with others, by this part of max_ack_delay. */
  public static final int ACK_EARLY_PART = 4;

  /** Ranges written into one ACK frame. */
  public static final int ACK_RANGES_SENT = 32;

  /** Ranges accepted in one ACK frame received; the rest of the frame is checked but not used. */
  public static final int ACK_RANGES_READ = 256;

  /** Packets kept for which no key exists yet, per socket (the kernel's number). */
  public static final int UNDECRYPTABLE_PACKETS = 128;

  /** Bytes of such packets. */
  public static final int UNDECRYPTABLE_BYTES = 196_608;

  /** 0-RTT packets among them, so that they leave room for the handshake's. */
  public static final int EARLY_PACKETS = 64;

  /** Bytes of such 0-RTT packets. */
  public static final int EARLY_BYTES = 98_304;

  /** Connection ids issued and not retired, and peer's ids kept, per connection. */
  public static final int CONN_IDS = 8;

  /** RETIRE_CONNECTION_ID frames not yet acknowledged (RFC 9000 section 5.1.2). */
  public static final int RETIRED_CONN_IDS = 4 * CONN_IDS;

  /** Longest connection id of versions 1 and 2. */
  public static final int CONN_ID_BYTES = 20;

  /** Length of the ids this core issues. */
  public static final int OWN_CONN_ID_BYTES = 8;

  /** Datagrams a client fills up in one handshake so that its server may send more. */
  public static final int RELIEF_DATAGRAMS = 64;

  /** Paths of a connection, the active one included: further addresses of a peer are ignored. */
  public static final int PATHS = 4;

  /** PATH_CHALLENGE frames of a peer waiting for their answer. */
  public static final int PATH_RESPONSES = 4;

  /** PATH_CHALLENGE frames sent for one validation of a path, at growing intervals. */
  public static final int PATH_CHALLENGES = 8;

  /** Times a server sends its handshake flight again since the client's probe shows it was lost. */
  public static final int EARLY_REPEATS = 6;

  /**
   * PING frames a client sends when the data of a stream ceases to come, each after a longer wait.
   */
  public static final int SILENCE_PINGS = 6;

  /** Control frames queued per connection (RFC 9000 section 21.9 names the attack). */
  public static final int CONTROL_FRAMES = 1_024;

  /** Datagrams taken from one batch, and sent for one connection, before others get a turn. */
  public static final int PACKETS_PER_TURN = 256;

  /** Sent packets tracked per packet number space. */
  public static final int SENT_PACKETS = 65_536;

  /** Packets of a recovery period watched for acknowledgements that come after all. */
  public static final int LOST_REMEMBERED = 256;

  /** Most bytes of datagrams that leave by one call of the system. */
  public static final int RUN_BYTES = 65_000;

  /** Datagrams sent by one connection in one turn. */
  public static final int DATAGRAMS_SENT_PER_TURN = 4 * 44;

  /** Streams of one type a peer may have open at once, and the clamp on what it allows us. */
  public static final int STREAMS = 4_096;

  /** Disjoint pieces of out-of-order data per stream or CRYPTO level. */
  public static final int REASSEMBLY_PIECES = 4_096;

  /** The same in all streams of a connection together: 512 KiB of bookkeeping. */
  public static final int CONN_REASSEMBLY_PIECES = 16_384;

  /** What a receive window grows to on its own; one set larger stays as it is. */
  public static final long RECV_WINDOW_BYTES = 16_777_216;

  /**
   * Bytes of stream and CRYPTO data all connections of a net hold, both ways. Beyond half of it
   * receive windows shrink to half and grow no more; beyond it new clients are refused.
   */
  public static final long NET_MEMORY_BYTES = 536_870_912;

  /**
   * The memory a connection's receive buffers hold is at most so many times the window it
   * advertises, and {@link #SMALL_CHUNK} for each stream.
   */
  public static final int RECV_MEMORY_FACTOR = 4;

  /** Bytes first taken for a stream. */
  public static final int SMALL_CHUNK = 256;

  /** Chunks of {@link #SMALL_CHUNK} bytes kept for reuse by a net. */
  public static final int POOLED_SMALL_CHUNKS = 1_024;

  /** Connections a listener holds that nobody accepted; {@code listen} backlogs are cut to it. */
  public static final int ACCEPT_BACKLOG = 4_096;

  /**
   * UDP ports of one net that clients without an address of their own have; from there on they
   * share them, so that ten thousand connections do not take ten thousand descriptors.
   */
  public static final int EPHEMERAL_PORTS = 512;

  /** Events queued for the program per socket; further ones are dropped and counted. */
  public static final int EVENTS = 256;

  /** Received DATAGRAM frames queued per socket. */
  public static final int DATAGRAMS = 1_024;

  /** Sockets of one net. */
  public static final int SOCKETS = 1 << 20;

  /** Transport parameter extension accepted from the TLS side (the kernel's number). */
  public static final int TRANSPORT_PARAM_BYTES = 512;

  /** Parameters told apart in one extension when looking for duplicates. */
  public static final int TRANSPORT_PARAMS = 64;

  /** Versions listed in version_information (the kernel's number). */
  public static final int VERSIONS = 16;

  /** Tokens of Retry and NEW_TOKEN (the kernel's number). */
  public static final int TOKEN_BYTES = 120;

  /** Handshakes of one net under way beyond which clients are sent a Retry. */
  public static final int HANDSHAKES_ON_TRUST = 256;

  /** Longest token of a foreign server that a client keeps and returns. */
  public static final int FOREIGN_TOKEN_BYTES = 512;

  /** Reason phrase of CONNECTION_CLOSE kept, without the terminating zero of the option struct. */
  public static final int CLOSE_PHRASE_BYTES = 63;

  /** Session ticket accepted by the option. */
  public static final int SESSION_TICKET_BYTES = 4_096;

  /** ALPN option text. */
  public static final int ALPN_BYTES = 128;

  /** Smallest datagram that may carry a client's Initial (RFC 9000 section 14.1). */
  public static final int MIN_INITIAL_DATAGRAM = 1_200;

  /**
   * Largest datagram this core builds: what the two bytes count to that lengths in frames and long
   * headers are written with.
   */
  public static final int MAX_DATAGRAM = 16_383;

  /** Bytes sent per byte received on an unvalidated path (RFC 9000 section 8). */
  public static final int AMPLIFICATION = 3;

  /** PTO doublings (the kernel's number). */
  public static final int PTO_BACKOFF = 8;

  /**
   * Shortest probe timeout before a handshake is confirmed, ns: 25 ms. RFC 9002 section 6.2.1 gives
   * the least only, as granularity.
   */
  public static final long HANDSHAKE_PTO = 25_000_000;

  /** Free chunks of stream bytes a net keeps (32 MiB). */
  public static final int POOLED_CHUNKS = 4_096;

  /** Bytes a socket may hold for sending before SO_SNDBUF or the window's growth says otherwise. */
  public static final int SEND_BUFFER_BYTES = 262_144;

  /** What the send buffer grows to on its own: four congestion windows, up to this. */
  public static final int SEND_BUFFER_MAX_BYTES = 16_777_216;

  /** Bytes in it that were never sent, unless SO_SNDBUF says otherwise. */
  public static final int UNSENT_BYTES = 262_144;

  /**
   * Bytes of a message from which on they may be lent instead of copied. As one acknowledgement
   * withheld keeps the whole of a program's chunk of 64 KiB, a quarter of it at least has to be
   * accounted for.
   */
  public static final int LEASE_BYTES = 16_384;

  /** Frames remembered of one sent packet. */
  public static final int FRAMES_PER_PACKET = 64;

  /** Bytes of DATAGRAM frames queued for sending. */
  public static final int DATAGRAM_SEND_BYTES = 262_144;

  /** Frames of a packet told to listeners who want them. */
  public static final int FRAMES_TOLD = 32;

  /** Ranges of an ACK frame told to them. */
  public static final int ACK_RANGES_TOLD = 8;

  /** Packets marked ECT(0) to test a path (RFC 9000 appendix A.4). */
  public static final int ECN_TEST_PACKETS = 10;

  /** Probe timeouts in a row after which a path is tried without marks. */
  public static final int ECN_SILENT_TIMEOUTS = 3;

  /** How often a path that fell silent is tested for ECN again. */
  public static final int ECN_RETESTS = 3;

  /** 1-RTT packets sent before a path's MTU is searched for: a short connection gains nothing. */
  public static final int MTU_SEARCH_AFTER = 10;

  /** Probes of one size before it counts as too big (RFC 8899 section 5.1.2). */
  public static final int MTU_PROBES = 3;

  /** Probes a congestion window must be worth for data to make room for one. */
  public static final int MTU_RESERVE_WINDOW = 4;

  /** A search for the path's MTU ends when so many bytes are left between good and bad. */
  public static final int MTU_GRAIN = 8;

  /** A path that carries less than it might is tried again after that (RFC 8899: 600 s). */
  public static final long MTU_RAISE_NANOS = 600_000_000_000L;

  /** Probe timeouts in a row after which the size may be the reason. */
  public static final int MTU_SILENT_TIMEOUTS = 2;

  /** Full-size packets lost while smaller ones arrive that make a black hole. */
  public static final int MTU_HOLE_LOSSES = 4;

  /** After the second black hole in a row the next search waits so long, then twice that. */
  public static final long MTU_HOLE_WAIT_NANOS = 5_000_000_000L;

  /** Black holes further apart than this are not in a row. */
  public static final long MTU_HOLE_MEMORY_NANOS = 60_000_000_000L;

  /** Bytes of received DATAGRAM frames queued. */
  public static final int DATAGRAM_RECV_BYTES = 1_048_576;

  /** Longest ClientHello a listener is chosen by, when several share an address. */
  public static final int HELLO_BYTES = 16_384;

  /** Disjoint pieces of such a ClientHello. */
  public static final int HELLO_PIECES = 32;

  /** Datagrams kept of a client whose ClientHello is not complete. */
  public static final int FLIGHT_DATAGRAMS = 16;

  /** Such clients of a net; a further one takes the place of the oldest. */
  public static final int FLIGHTS = 1_024;

  /** Bytes kept of them all; beyond it the oldest go. */
  public static final int FLIGHTS_BYTES = 8_388_608;

  /** How long such a client may take. */
  public static final long FLIGHT_NANOS = 10_000_000_000L;

  /** The SERVER_NAME option, all names together. */
  public static final int SERVER_NAME_BYTES = 1_024;

  /** Names in it. */
  public static final int SERVER_NAMES = 32;
}
