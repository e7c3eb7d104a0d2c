package dev.quic.dataplane.core.cong;

/**
 * What controllers with a congestion window and a slow start threshold share: bytes in flight,
 * recovery periods, initial and smallest window (RFC 9002 section 7 and appendix B).
 */
abstract class WindowControl implements CongestionControl {
  private static final long NANOS = 1_000_000_000;

  private final boolean kernelMinimum;
  private int mss;
  private long cwnd;
  private long ssthresh;
  private long inFlight;
  private long recoveryStart;
  private long cap = Long.MAX_VALUE;

  // As of before the present recovery period; a window of 0 is none.
  private long undoWindow;
  private long undoThreshold;

  /**
   * @param mss largest datagram, bytes
   * @param kernelMinimum whether the window never falls below the initial one, as in the kernel
   *     module, instead of 2 datagrams
   */
  WindowControl(int mss, boolean kernelMinimum) {
    this.kernelMinimum = kernelMinimum;
    this.mss = mss;
    restart();
  }

  private void restart() {
    cwnd = initialWindow();
    ssthresh = Long.MAX_VALUE;
    recoveryStart = Long.MIN_VALUE;
    undoWindow = 0;
  }

  /** In-flight bytes sent outside recovery were acknowledged while the window was in use. */
  abstract void grow(long now, long sentTime, long bytes, RttEstimator rtt);

  /** The window after a congestion event, before its lower bound. */
  abstract long reduced();

  /** A recovery period begins: keeps what {@link #recall} brings back. */
  abstract void remember();

  /** The recovery period was for nothing. */
  abstract void recall();

  /** Forgets what was learnt about growth: a new path, or persistent congestion. */
  abstract void forget();

  /** RFC 9002 section 7.2: ten datagrams, at most 14720 bytes or two datagrams. */
  @Override
  public final long initialWindow() {
    return Math.max(Math.min(10L * mss, 14_720), 2L * mss);
  }

  private long minimumWindow() {
    return kernelMinimum ? initialWindow() : 2L * mss;
  }

  @Override
  public void onPacketSent(long now, int bytes) {
    inFlight += bytes;
  }

  @Override
  public final void onAcked(
      long now, long sentTime, long bytes, boolean appLimited, RttEstimator rtt) {
    onDiscarded(bytes);
    if (appLimited || inRecovery(sentTime)) {
      onIdle(now);
      return;
    }
    grow(now, sentTime, bytes, rtt);
    cwnd = Math.min(cwnd, Math.max(cap, minimumWindow()));
  }

  /** An acknowledgement came that the window must not grow by. */
  void onIdle(long now) {}

  @Override
  public final void onLost(long bytes) {
    onDiscarded(bytes);
  }

  @Override
  public final void onDiscarded(long bytes) {
    inFlight = Math.max(0, inFlight - bytes);
  }

  @Override
  public final void onCongestionEvent(long now, long sentTime) {
    if (inRecovery(sentTime)) {
      return;
    }
    recoveryStart = now;
    undoWindow = cwnd;
    undoThreshold = ssthresh;
    remember();
    ssthresh = reduced();
    cwnd = Math.max(ssthresh, minimumWindow());
  }

  @Override
  public final void onEcn(long now, long sentTime) {
    onCongestionEvent(now, sentTime);
  }

  @Override
  public final void onSpurious(long now) {
    if (undoWindow > 0) {
      cwnd = Math.max(cwnd, undoWindow);
      ssthresh = undoThreshold;
      recoveryStart = Long.MIN_VALUE;
      undoWindow = 0;
      recall();
    }
  }

  @Override
  public final void onPersistentCongestion(long now) {
    cwnd = minimumWindow();
    recoveryStart = Long.MIN_VALUE;
    undoWindow = 0;
    forget();
  }

  @Override
  public final void mss(int bytes) {
    boolean untouched = cwnd == initialWindow() && ssthresh == Long.MAX_VALUE;
    mss = bytes;
    cwnd = untouched ? initialWindow() : Math.max(cwnd, minimumWindow());
  }

  final int mss() {
    return mss;
  }

  final void cwnd(long bytes) {
    cwnd = bytes;
  }

  /** Ends slow start where the window stands. */
  final void endSlowStart() {
    ssthresh = cwnd;
  }

  @Override
  public final void windowCap(long bytes) {
    cap = bytes;
  }

  @Override
  public final void reset() {
    restart();
    forget();
  }

  @Override
  public final long cwnd() {
    return cwnd;
  }

  @Override
  public final long ssthresh() {
    return ssthresh;
  }

  @Override
  public final long bytesInFlight() {
    return inFlight;
  }

  @Override
  public final boolean inSlowStart() {
    return cwnd < ssthresh;
  }

  @Override
  public final boolean inRecovery(long sentTime) {
    return recoveryStart != Long.MIN_VALUE && sentTime <= recoveryStart;
  }

  @Override
  public final long pacingRate(RttEstimator rtt) {
    // RFC 9002 section 7.7: a little faster than the window, twice in slow start.
    long srtt = Math.max(rtt.smoothed(), 1);
    double factor = inSlowStart() ? 2.0 : 1.25;
    return (long) Math.max(1, Math.min(factor * cwnd / srtt * NANOS, Long.MAX_VALUE / 4));
  }
}
