package dev.quic.dataplane.core.cong;

/**
 * CUBIC (RFC 9438) with HyStart++ (RFC 9406) in the first slow start. Windows are reckoned in bytes
 * where the RFC counts segments; time is the connection's.
 */
public final class Cubic extends WindowControl {
  private static final double NANOS = 1e9;

  /** RFC 9438 section 5: segments per second cubed. */
  private static final double C = 0.4;

  /** RFC 9438 section 4.6. */
  private static final double BETA = 0.7;

  /** RFC 9438 section 4.3: what makes the Reno-friendly estimate fair to Reno. */
  private static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);

  /** RFC 9438 section 4.2: the most a round trip may add. */
  private static final double MAX_GROWTH = 1.5;

  private static final long NEVER = Long.MIN_VALUE;

  private final HyStart hyStart = new HyStart();

  private double maxWindow;
  private double priorWindow;

  // The present epoch of congestion avoidance: its start, the time to get back to maxWindow, and
  // what Reno would have.
  private long epochStart = NEVER;
  private double timeToMax;
  private double renoWindow;
  private double fraction;
  private long idleSince = NEVER;

  // As of before the present recovery period.
  private double undoMaxWindow;
  private double undoPriorWindow;
  private long undoEpochStart = NEVER;
  private double undoTimeToMax;
  private double undoRenoWindow;

  /**
   * @param mss largest datagram, bytes
   */
  public Cubic(int mss) {
    this(mss, false);
  }

  /**
   * @param kernelMinimum see {@link WindowControl}
   */
  Cubic(int mss, boolean kernelMinimum) {
    super(mss, kernelMinimum);
  }

  @Override
  void grow(long now, long sentTime, long bytes, RttEstimator rtt) {
    if (inSlowStart()) {
      boolean first = ssthresh() == Long.MAX_VALUE;
      long grown = first ? hyStart.growth(now, sentTime, bytes, rtt.latest()) : bytes;
      cwnd(cwnd() + grown);
      if (first && hyStart.isOver()) {
        endSlowStart();
      }
      return;
    }
    if (idleSince != NEVER && epochStart != NEVER) {
      // RFC 9438 section 5.8: time without data to send is no time of growth.
      epochStart += Math.max(0, sentTime - idleSince);
    }
    idleSince = NEVER;
    if (epochStart == NEVER) {
      beginEpoch(now);
    }
    avoid(now, bytes, rtt);
  }

  /** RFC 9438 section 4.2. */
  private void beginEpoch(long now) {
    epochStart = now;
    renoWindow = cwnd();
    if (cwnd() >= maxWindow) {
      maxWindow = cwnd();
      timeToMax = 0;
    } else {
      timeToMax = Math.cbrt((maxWindow - cwnd()) / mss() / C);
    }
  }

  private double cubic(double seconds) {
    double t = seconds - timeToMax;
    return C * t * t * t * mss() + maxWindow;
  }

  private void avoid(long now, long bytes, RttEstimator rtt) {
    double cwnd = cwnd();
    double elapsed = (now - epochStart) / NANOS;
    // RFC 9438 section 4.3: as fast as Reno once the window of the last loss is reached.
    double alpha = renoWindow >= priorWindow ? 1 : ALPHA;
    renoWindow += alpha * bytes / cwnd * mss();
    if (cubic(elapsed) < renoWindow) {
      if (renoWindow > cwnd) {
        cwnd((long) renoWindow);
      }
      return;
    }
    // RFC 9438 sections 4.4 and 4.5.
    double target = cubic(elapsed + rtt.smoothed() / NANOS);
    target = Math.max(cwnd, Math.min(target, MAX_GROWTH * cwnd));
    fraction += (target - cwnd) / cwnd * bytes;
    long grown = (long) fraction;
    fraction -= grown;
    cwnd(cwnd() + grown);
  }

  @Override
  void onIdle(long now) {
    if (idleSince == NEVER) {
      idleSince = now;
    }
  }

  @Override
  long reduced() {
    double cwnd = cwnd();
    priorWindow = cwnd;
    // RFC 9438 section 4.7, fast convergence: a flow that shrinks leaves room to newcomers.
    maxWindow = cwnd < maxWindow ? cwnd * (1 + BETA) / 2 : cwnd;
    epochStart = NEVER;
    fraction = 0;
    return (long) (cwnd * BETA);
  }

  @Override
  void remember() {
    undoMaxWindow = maxWindow;
    undoPriorWindow = priorWindow;
    undoEpochStart = epochStart;
    undoTimeToMax = timeToMax;
    undoRenoWindow = renoWindow;
  }

  /** RFC 9438 section 4.9.2. */
  @Override
  void recall() {
    maxWindow = undoMaxWindow;
    priorWindow = undoPriorWindow;
    epochStart = undoEpochStart;
    timeToMax = undoTimeToMax;
    renoWindow = undoRenoWindow;
    fraction = 0;
  }

  @Override
  void forget() {
    hyStart.restart();
    maxWindow = 0;
    priorWindow = 0;
    epochStart = NEVER;
    idleSince = NEVER;
    fraction = 0;
  }
}
