package dev.quic.dataplane.core.cong;

/**
 * Delivery-rate estimation (draft-cheng-iccrg-delivery-rate-estimation-02): how fast a path
 * delivers, one sample an ACK. Bytes are of whole packets, times nanoseconds, rates bytes per
 * second. Confined to the connection's thread.
 */
public final class DeliveryRate {
  private static final double NANOS = 1e9;
  private static final long NONE = -1;

  // The connection's account.
  private long delivered;
  private long deliveredTime;
  private long firstSentTime;
  private long lost;
  private long appLimitedUntil = NONE;
  private long inFlightAfterSend;

  // The sample of the ACK being processed: of the packet sent last among those it acknowledges.
  private long priorDelivered = NONE;
  private long sentTime;
  private long sendElapsed;
  private long ackElapsed;
  private long sampleInFlight;
  private long sampleLostBefore;
  private boolean sampleAppLimited;
  private long newlyAcked;
  private long newlyLost;
  private long rtt = NONE;
  private long rate = NONE;

  /**
   * A packet that counts as in flight is being sent.
   *
   * @param inFlight bytes in flight before it
   */
  public void onSend(long now, long inFlight, int bytes) {
    if (inFlight == 0) {
      firstSentTime = now;
      deliveredTime = now;
    }
    inFlightAfterSend = inFlight + bytes;
  }

  /** Starts a sample; losses found since the last one count for it. */
  public void begin() {
    priorDelivered = NONE;
    newlyAcked = 0;
    rtt = NONE;
    rate = NONE;
  }

  /** A packet in flight was acknowledged; in any order. */
  public void onAcked(long now, PacketRates p, int slot, long packetSent, int bytes) {
    delivered += bytes;
    newlyAcked += bytes;
    deliveredTime = now;
    long prior = p.delivered(slot);
    if (prior > priorDelivered || prior == priorDelivered && packetSent > sentTime) {
      priorDelivered = prior;
      sentTime = packetSent;
      sendElapsed = packetSent - p.firstSentTime(slot);
      ackElapsed = now - p.deliveredTime(slot);
      sampleInFlight = p.inFlight(slot);
      sampleLostBefore = p.lost(slot);
      sampleAppLimited = p.appLimited(slot);
      firstSentTime = packetSent;
      rtt = now - packetSent;
    }
  }

  /** A packet in flight was declared lost. */
  public void onLost(int bytes) {
    lost += bytes;
    newlyLost += bytes;
  }

  /**
   * Ends the sample: {@link #rate} and the other figures are valid until {@link #begin}.
   *
   * @param minRtt smallest round trip seen; shorter intervals tell nothing
   */
  public void end(long minRtt) {
    if (appLimitedUntil != NONE && delivered > appLimitedUntil) {
      appLimitedUntil = NONE;
    }
    long interval = Math.max(sendElapsed, ackElapsed);
    if (priorDelivered != NONE && interval > 0 && interval >= minRtt) {
      rate = (long) Math.min((delivered - priorDelivered) * NANOS / interval, Long.MAX_VALUE / 8);
    }
  }

  /** The controller has seen the sample. */
  public void consumed() {
    newlyLost = 0;
  }

  /**
   * The program gave less than the window and the pacing would have let out; samples of packets
   * sent from now on, until what is in flight was delivered, say little of the path.
   *
   * @param inFlight bytes in flight now
   */
  public void onAppLimited(long inFlight) {
    appLimitedUntil = delivered + inFlight;
  }

  public boolean isAppLimited() {
    return appLimitedUntil != NONE;
  }

  public long delivered() {
    return delivered;
  }

  long deliveredTime() {
    return deliveredTime;
  }

  long firstSentTime() {
    return firstSentTime;
  }

  /** Bytes declared lost so far. */
  public long lost() {
    return lost;
  }

  long inFlightAfterSend() {
    return inFlightAfterSend;
  }

  /** Whether this ACK acknowledged anything that was in flight. */
  boolean hasSample() {
    return priorDelivered != NONE;
  }

  /** Bytes per second of the sample, -1 when it is not reliable. */
  public long rate() {
    return rate;
  }

  /** Bytes delivered when the packet of the sample was sent. */
  long priorDelivered() {
    return priorDelivered;
  }

  /** Bytes delivered since then: over about one round trip. */
  long sampleDelivered() {
    return delivered - priorDelivered;
  }

  /** Bytes lost since the packet of the sample was sent. */
  long sampleLost() {
    return lost - sampleLostBefore;
  }

  /** Bytes in flight just after the packet of the sample was sent. */
  long sampleInFlight() {
    return sampleInFlight;
  }

  boolean sampleAppLimited() {
    return sampleAppLimited;
  }

  /** Time from sending the packet of the sample until now, -1 without a sample. */
  long rtt() {
    return rtt;
  }

  long newlyAcked() {
    return newlyAcked;
  }

  /** Bytes declared lost since the sample before. */
  long newlyLost() {
    return newlyLost;
  }
}
