package dev.quic.dataplane.core.cong;

/**
 * BBR's model of a path without congestion (sections 4.3.1.2, 4.5.1 to 4.5.3 and 4.5.5 of the
 * draft): round trips counted by packets, the largest rate of two probing cycles, the smallest
 * round trip of some seconds, whether the pipe is full, and how much acknowledgements come in
 * lumps.
 */
final class BbrPath {
  static final long SECOND = 1_000_000_000L;
  private static final double NANOS = 1e9;
  private static final long UNKNOWN = Long.MAX_VALUE;

  /** Cycles the largest rate is kept beyond the present one. */
  private static final int BW_CYCLES = 2;

  private static final int EXTRA_ACKED_ROUNDS = 10;
  private static final double FULL_GROWTH = 1.25;
  private static final int FULL_ROUNDS = 3;
  private static final long PROBE_RTT_INTERVAL = 5 * SECOND;

  /** On paths whose round trip is itself of the order of the interval: not all the time. */
  private static final int PROBE_RTT_ROUNDS = 20;

  private long roundEnd;
  private boolean roundStart;
  private long rounds;
  private int roundsSinceProbe;

  private final long[] cycleBw = new long[BW_CYCLES];

  private long minRtt = UNKNOWN;
  private long minRttStamp;
  private long probeRtt = UNKNOWN;
  private long probeRttStamp;
  private boolean probeRttExpired;

  private long fullBw;
  private int fullRounds;
  private boolean fullNow;
  private boolean fullReached;

  private final MaxFilter extraAcked = new MaxFilter(EXTRA_ACKED_ROUNDS);
  private long extraStart;
  private long extraDelivered;

  void reset() {
    roundEnd = 0;
    rounds = 0;
    roundsSinceProbe = 0;
    cycleBw[0] = 0;
    cycleBw[1] = 0;
    minRtt = UNKNOWN;
    probeRtt = UNKNOWN;
    probeRttExpired = false;
    fullReached = false;
    resetFull(0);
    extraAcked.reset();
    extraStart = 0;
    extraDelivered = 0;
  }

  // --- rounds

  void startRound(long delivered) {
    roundEnd = delivered;
  }

  void onRound(DeliveryRate s) {
    roundStart = s.priorDelivered() >= roundEnd;
    if (roundStart) {
      startRound(s.delivered());
      rounds++;
      roundsSinceProbe++;
    }
  }

  boolean roundStart() {
    return roundStart;
  }

  int roundsSinceProbe() {
    return roundsSinceProbe;
  }

  void roundsSinceProbe(int n) {
    roundsSinceProbe = n;
  }

  // --- rate

  void onRate(DeliveryRate s) {
    if (s.rate() >= maxBw() || !s.sampleAppLimited()) {
      cycleBw[1] = Math.max(cycleBw[1], s.rate());
    }
  }

  /** A probing cycle ended. */
  void advanceCycle() {
    if (cycleBw[1] > 0) {
      cycleBw[0] = cycleBw[1];
      cycleBw[1] = 0;
    }
  }

  /** Bytes per second, 0 before the first sample. */
  long maxBw() {
    return Math.max(cycleBw[0], cycleBw[1]);
  }

  // --- full pipe

  void resetFull(long bw) {
    fullBw = bw;
    fullRounds = 0;
    fullNow = false;
  }

  /** Section 4.3.1.2, as of version 3: also tells when a later probe finds nothing more. */
  void checkFull(DeliveryRate s) {
    if (fullNow || s.sampleAppLimited() || s.rate() < 0) {
      return;
    }
    if (s.rate() >= fullBw * FULL_GROWTH) {
      resetFull(s.rate());
      return;
    }
    if (roundStart && ++fullRounds >= FULL_ROUNDS) {
      fullNow = true;
      fullReached = true;
    }
  }

  boolean fullNow() {
    return fullNow;
  }

  boolean fullReached() {
    return fullReached;
  }

  void declareFull() {
    fullReached = true;
  }

  // --- smallest round trip

  /** Section 4.3.4.4. */
  void onRtt(long now, long rtt) {
    long interval = PROBE_RTT_INTERVAL;
    if (minRtt != UNKNOWN) {
      interval = Math.max(interval, PROBE_RTT_ROUNDS * minRtt);
    }
    probeRttExpired = probeRtt != UNKNOWN && now > probeRttStamp + interval;
    if (rtt >= 0 && (rtt < probeRtt || probeRttExpired)) {
      probeRtt = rtt;
      probeRttStamp = now;
    }
    boolean expired = minRtt != UNKNOWN && now > minRttStamp + 2 * interval;
    if (probeRtt < minRtt || expired) {
      minRtt = Math.max(1, probeRtt);
      minRttStamp = probeRttStamp;
    }
  }

  boolean probeRttExpired() {
    return probeRttExpired;
  }

  /** The round trip was just probed. */
  void scheduleProbeRtt(long now) {
    probeRttStamp = now;
  }

  boolean knowsRtt() {
    return minRtt != UNKNOWN;
  }

  /** Nanoseconds; only meaningful when {@link #knowsRtt}. */
  long minRtt() {
    return minRtt;
  }

  // --- aggregation

  void restartAggregation(long now) {
    extraStart = now;
    extraDelivered = 0;
  }

  /** Section 4.5.5. */
  void onAggregation(long now, long acked, long bw, long cwnd) {
    long expected = (long) (bw * ((now - extraStart) / NANOS));
    if (extraDelivered <= expected) {
      restartAggregation(now);
      expected = 0;
    }
    extraDelivered += acked;
    extraAcked.update(Math.min(Math.max(0, extraDelivered - expected), cwnd), rounds);
  }

  long extraAcked() {
    return extraAcked.max();
  }

  /** Bytes at a rate over the smallest round trip. */
  long volume(double bytesPerSecond) {
    return (long) Math.min(bytesPerSecond * (minRtt / NANOS), Long.MAX_VALUE / 8);
  }
}
