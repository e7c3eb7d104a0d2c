package dev.quic.dataplane.core.cong;

/**
 * What BBR learnt from congestion (draft-cardwell-iccrg-bbr-congestion-control-02 section 4.5.6):
 * the short-term bounds of rate and volume, lowered by loss and forgotten with each probe, and the
 * long-term bound of the volume. {@link Long#MAX_VALUE} is no bound. Version 3 has no long-term
 * bound of the rate.
 */
final class BbrBounds {
  static final long NONE = Long.MAX_VALUE;

  /** The most a round of losses takes off, as CUBIC does. */
  static final double BETA = 0.7;

  /** Of the long-term bound, left free for others while cruising. */
  private static final double HEADROOM = 0.85;

  private static final int MOST_PROBE_ROUNDS = 30;

  private long bwLo = NONE;
  private long inflightLo = NONE;
  private long inflightHi = NONE;

  // The most delivered over a round trip, and whether the round had losses.
  private long bwLatest;
  private long inflightLatest;
  private long lossRoundDelivered;
  private boolean lossRoundStart;
  private boolean lossInRound;
  private int lossEvents;

  // How fast the long-term bound rises while probing: one datagram per so many bytes acknowledged.
  private long probeUpBytes = NONE;
  private long probeUpAcked;
  private int probeUpRounds;

  // As of before the present loss episode.
  private long undoBwLo = NONE;
  private long undoInflightLo = NONE;
  private long undoInflightHi = NONE;

  void reset() {
    resetSignals();
    resetLower();
    inflightHi = NONE;
    lossRoundDelivered = 0;
    lossEvents = 0;
    save();
  }

  void resetSignals() {
    lossInRound = false;
    bwLatest = 0;
    inflightLatest = 0;
  }

  void resetLower() {
    bwLo = NONE;
    inflightLo = NONE;
  }

  /** Near the start of ACK processing. */
  void onSample(DeliveryRate s) {
    lossRoundStart = false;
    bwLatest = Math.max(bwLatest, s.rate());
    inflightLatest = Math.max(inflightLatest, s.sampleDelivered());
    if (s.priorDelivered() >= lossRoundDelivered) {
      lossRoundDelivered = s.delivered();
      lossRoundStart = true;
    }
    if (s.newlyLost() > 0) {
      lossInRound = true;
      lossEvents++;
    }
  }

  /** A congestion mark: as a loss. */
  void onMark() {
    lossInRound = true;
    lossEvents++;
  }

  /**
   * Once per round trip, if it had losses: down to what was delivered.
   *
   * @param probing whether the losses may be of our own making
   */
  void adaptLower(boolean probing, long maxBw, long cwnd) {
    if (!lossRoundStart) {
      return;
    }
    if (lossInRound && !probing) {
      long bw = bwLo == NONE ? maxBw : bwLo;
      long inflight = inflightLo == NONE ? cwnd : inflightLo;
      bwLo = Math.max(bwLatest, (long) (BETA * bw));
      inflightLo = Math.max(inflightLatest, (long) (BETA * inflight));
    }
    lossInRound = false;
  }

  /** Near the end of ACK processing. */
  void advance(DeliveryRate s) {
    if (lossRoundStart) {
      bwLatest = Math.max(0, s.rate());
      inflightLatest = s.sampleDelivered();
      lossEvents = 0;
    }
  }

  boolean lossRoundStart() {
    return lossRoundStart;
  }

  /** ACKs of the present round that came with losses. */
  int lossEvents() {
    return lossEvents;
  }

  long inflightLatest() {
    return inflightLatest;
  }

  long bound(long bw) {
    return Math.min(bw, bwLo);
  }

  long inflightLo() {
    return inflightLo;
  }

  long inflightHi() {
    return inflightHi;
  }

  void inflightHi(long bytes) {
    inflightHi = bytes;
  }

  /** The long-term bound less the headroom. */
  long withHeadroom(long least) {
    return inflightHi == NONE ? NONE : Math.max((long) (HEADROOM * inflightHi), least);
  }

  /** Refilling starts: probing will begin slowly. */
  void resetProbe() {
    probeUpRounds = 0;
    probeUpAcked = 0;
  }

  void stopRising() {
    probeUpBytes = NONE;
  }

  /** Another round of probing: the bound rises twice as fast. */
  void raiseSlope(long cwnd, int mss) {
    probeUpBytes = Math.max(cwnd >> probeUpRounds, mss);
    probeUpRounds = Math.min(probeUpRounds + 1, MOST_PROBE_ROUNDS);
  }

  /** The path carried so much without much loss. */
  void raiseTo(long bytes) {
    if (inflightHi != NONE) {
      inflightHi = Math.max(inflightHi, bytes);
    }
  }

  /** Bytes were acknowledged while the long-term bound was in use by a probe. */
  void rise(long acked, int mss) {
    probeUpAcked += acked;
    if (inflightHi != NONE && probeUpAcked >= probeUpBytes) {
      long delta = probeUpAcked / probeUpBytes;
      probeUpAcked -= delta * probeUpBytes;
      inflightHi += delta * mss;
    }
  }

  /** A loss episode begins. */
  void save() {
    undoBwLo = bwLo;
    undoInflightLo = inflightLo;
    undoInflightHi = inflightHi;
  }

  /** The episode was none. */
  void undo() {
    lossInRound = false;
    bwLo = Math.max(bwLo, undoBwLo);
    inflightLo = Math.max(inflightLo, undoInflightLo);
    inflightHi = Math.max(inflightHi, undoInflightHi);
  }
}
