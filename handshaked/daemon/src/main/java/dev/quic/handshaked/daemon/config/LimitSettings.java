package dev.quic.handshaked.daemon.config;

/**
 * Section {@code [limits]}: how much is worked on at once.
 *
 * @param handshakes in flight, 0 when the file does not say
 * @param perPeer in flight with one peer address (an IPv6 peer is its /64), 0 for no such limit
 * @param queue requests of busy peers that may wait for their turn; further ones are refused
 * @param drainSeconds how long requests under way may take once the daemon is told to stop
 */
public record LimitSettings(int handshakes, int perPeer, int queue, int drainSeconds) {
  /** Most handshakes in flight that can be asked for. */
  public static final int MAX_HANDSHAKES = 4096;

  /** One peer can take half of what a daemon has by default. */
  public static final int DEFAULT_PER_PEER = 128;

  /** Each waiting request holds a descriptor. */
  public static final int DEFAULT_QUEUE = 256;

  /** Well below the 90 seconds after which systemd kills. */
  public static final int DEFAULT_DRAIN_SECONDS = 10;

  public static final LimitSettings DEFAULT =
      new LimitSettings(0, DEFAULT_PER_PEER, DEFAULT_QUEUE, DEFAULT_DRAIN_SECONDS);

  private static final String SECTION = "limits";
  private static final int MAX_QUEUE = 1 << 16;
  private static final int MAX_DRAIN_SECONDS = 3600;

  static LimitSettings of(ConfigText text) throws ConfigException {
    int handshakes = text.number(SECTION, "handshakes", 0, 1, MAX_HANDSHAKES);
    int perPeer = text.number(SECTION, "per_peer", DEFAULT_PER_PEER, 0, MAX_HANDSHAKES);
    return new LimitSettings(
        handshakes,
        perPeer,
        text.number(SECTION, "queue", DEFAULT_QUEUE, 0, MAX_QUEUE),
        text.number(SECTION, "drain", DEFAULT_DRAIN_SECONDS, 0, MAX_DRAIN_SECONDS));
  }
}
