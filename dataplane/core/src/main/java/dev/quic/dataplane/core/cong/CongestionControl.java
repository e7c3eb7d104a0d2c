package dev.quic.dataplane.core.cong;

/**
 * A congestion controller of one path (RFC 9002 section 7). Bytes are of whole packets as sent, UDP
 * payload; times are nanoseconds. Confined to the connection's thread.
 */
public interface CongestionControl {
  /** A packet that counts as in flight was sent. */
  void onPacketSent(long now, int bytes);

  /**
   * In-flight bytes were acknowledged.
   *
   * @param sentTime when the (latest) packet was sent
   * @param appLimited the window was not in use when it was sent, so it must not grow (RFC 9002
   *     section 7.8)
   * @param rtt estimate after this ACK's sample
   */
  void onAcked(long now, long sentTime, long bytes, boolean appLimited, RttEstimator rtt);

  /** In-flight bytes were declared lost; follow with one {@link #onCongestionEvent} per batch. */
  void onLost(long bytes);

  /** In-flight bytes of a discarded packet number space, neither acknowledged nor lost. */
  void onDiscarded(long bytes);

  /**
   * Loss was detected.
   *
   * @param sentTime when the last lost packet was sent; losses sent before the present recovery
   *     began change nothing
   */
  void onCongestionEvent(long now, long sentTime);

  /**
   * ECN-CE counts of the peer grew; {@code sentTime} is that of the largest packet acknowledged.
   */
  void onEcn(long now, long sentTime);

  /**
   * A packet in flight was declared lost; comes before the {@link #onLost} of its batch.
   *
   * @param lostSince bytes lost since it was sent, itself included
   * @param inFlightThen bytes in flight just after it was sent
   * @param appLimited it was sent while the program gave too little to send
   */
  default void onPacketLost(int bytes, long lostSince, long inFlightThen, boolean appLimited) {}

  /** An ACK was processed, its losses included: the delivery rate it shows. */
  default void onSample(long now, DeliveryRate sample, RttEstimator rtt) {}

  /** The program goes on sending after a pause that left nothing in flight. */
  default void onRestart(long now) {}

  /**
   * Every packet of the present recovery period was acknowledged after all: nothing was lost (RFC
   * 9438 section 4.9).
   */
  default void onSpurious(long now) {}

  /** Persistent congestion was established (RFC 9002 section 7.6.2). */
  void onPersistentCongestion(long now);

  /** Largest datagram of the path, bytes. */
  void mss(int bytes);

  /** Upper bound of the window, bytes: what flow control lets in flight at most. */
  void windowCap(long bytes);

  /** Starts over on a new path. */
  void reset();

  long cwnd();

  /** {@link Long#MAX_VALUE} until the first congestion event. */
  long ssthresh();

  long bytesInFlight();

  /** The initial window, bytes. */
  long initialWindow();

  boolean inSlowStart();

  /** Whether a packet sent then belongs to the present recovery period. */
  boolean inRecovery(long sentTime);

  /** Bytes that may still be put in flight, 0 or more. */
  default long available() {
    return Math.max(0, cwnd() - bytesInFlight());
  }

  /** Pacing rate in bytes per second (RFC 9002 section 7.7), at least 1. */
  long pacingRate(RttEstimator rtt);
}
