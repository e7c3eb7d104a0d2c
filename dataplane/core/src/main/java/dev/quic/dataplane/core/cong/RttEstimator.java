package dev.quic.dataplane.core.cong;

/** Round-trip time estimate, RFC 9002 section 5. All times are nanoseconds. */
public final class RttEstimator {
  /** RFC 9002 section 6.2.2. */
  public static final long INITIAL_RTT = 333_000_000;

  /** RFC 9002 section 6.1.2. */
  public static final long GRANULARITY = 1_000_000;

  /** A sample that many times smaller than any other says that those were not of the path. */
  private static final int ODDITY = 4;

  private final long granularity;
  private long latest;
  private long min;
  private long smoothed;
  private long variance;
  private boolean sampled;

  public RttEstimator() {
    this(INITIAL_RTT);
  }

  /**
   * @param initialRtt assumed before the first sample, above 0
   */
  public RttEstimator(long initialRtt) {
    this(initialRtt, GRANULARITY);
  }

  RttEstimator(long initialRtt, long granularity) {
    this.granularity = granularity;
    reset(initialRtt);
  }

  /** Forgets everything: a new path. */
  public void reset(long initialRtt) {
    smoothed = initialRtt;
    variance = initialRtt / 2;
    latest = 0;
    min = 0;
    sampled = false;
  }

  /** Blends the first sample into the initial value instead of replacing it. */
  void trustInitial() {
    sampled = true;
    min = Long.MAX_VALUE;
  }

  /**
   * Takes a sample before the handshake is confirmed. One far below others of seconds starts anew:
   * a peer acknowledges the first half of a ClientHello when it has the other, however often that
   * was lost, and a timeout made of that would outlast the connection.
   *
   * @param rtt as in {@link #onSample}
   * @param ackDelay as there
   */
  public void onEarlySample(long rtt, long ackDelay) {
    sampled &= rtt < 0 || rtt >= min / ODDITY || min < ODDITY * INITIAL_RTT;
    onSample(rtt, ackDelay, Long.MAX_VALUE);
  }

  /**
   * Takes a sample.
   *
   * @param rtt time between sending the largest newly acknowledged packet and its ACK
   * @param ackDelay the peer's delay from the ACK frame, already 0 for Initial and Handshake
   *     packets
   * @param maxAckDelay cap on it; {@link Long#MAX_VALUE} until the handshake is confirmed
   */
  public void onSample(long rtt, long ackDelay, long maxAckDelay) {
    if (rtt < 0) {
      return;
    }
    latest = rtt;
    if (!sampled) {
      sampled = true;
      min = rtt;
      smoothed = rtt;
      variance = rtt / 2;
      return;
    }
    min = Math.min(min, rtt);
    // RFC 9002 section 5.3: the delay is only taken off when that does not go below the minimum.
    long delay = Math.min(Math.max(ackDelay, 0), maxAckDelay);
    long adjusted = rtt - min >= delay ? rtt - delay : rtt;
    smoothed = (7 * smoothed + adjusted) / 8;
    variance = (3 * variance + Math.abs(smoothed - adjusted)) / 4;
  }

  /** Whether a sample was taken. */
  public boolean hasSample() {
    return sampled;
  }

  public long latest() {
    return latest;
  }

  /** Smallest sample, 0 before the first. */
  public long min() {
    return min;
  }

  public long smoothed() {
    return smoothed;
  }

  public long variance() {
    return variance;
  }

  /**
   * Probe timeout without backoff (RFC 9002 section 6.2.1).
   *
   * @param maxAckDelay 0 for the Initial and Handshake spaces
   */
  public long pto(long maxAckDelay) {
    return smoothed + Math.max(4 * variance, granularity) + maxAckDelay;
  }

  /** Time threshold of loss detection, 9/8 of the larger RTT (RFC 9002 section 6.1.2). */
  public long lossDelay() {
    return Math.max(9 * (Math.max(latest, smoothed) / 8), granularity);
  }

  /** RFC 9002 section 5.2: the smallest round trip may be of another path. */
  public void onPersistentCongestion() {
    min = latest;
  }

  /** Shortest period of losses that is persistent congestion (RFC 9002 section 7.6.1). */
  public long persistentCongestion(long maxAckDelay) {
    return 3 * pto(maxAckDelay);
  }
}
