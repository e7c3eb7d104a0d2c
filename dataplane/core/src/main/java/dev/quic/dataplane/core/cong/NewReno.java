package dev.quic.dataplane.core.cong;

/** NewReno, RFC 9002 section 7 and appendix B. */
public final class NewReno implements CongestionControl {
  private static final long NANOS = 1_000_000_000;

  private final boolean kernelMinimum;
  private int mss;
  private long cwnd;
  private long ssthresh;
  private long inFlight;
  private long recoveryStart;
  private long credit;
  private long cap = Long.MAX_VALUE;

  /**
   * @param mss largest datagram, bytes
   */
  public NewReno(int mss) {
    this(mss, false);
  }

  /**
   * @param kernelMinimum whether the window never falls below the initial one, as in the kernel
   *     module, instead of 2 datagrams
   */
  NewReno(int mss, boolean kernelMinimum) {
    this.kernelMinimum = kernelMinimum;
    this.mss = mss;
    restart();
  }

  private void restart() {
    cwnd = initialWindow();
    ssthresh = Long.MAX_VALUE;
    recoveryStart = Long.MIN_VALUE;
    credit = 0;
  }

  /** RFC 9002 section 7.2: ten datagrams, at most 14720 bytes or two datagrams. */
  @Override
  public long initialWindow() {
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
  public void onAcked(long now, long sentTime, long bytes, boolean appLimited, RttEstimator rtt) {
    onDiscarded(bytes);
    if (appLimited || inRecovery(sentTime)) {
      return;
    }
    if (inSlowStart()) {
      cwnd += bytes;
    } else {
      // RFC 9002 section 7.3.3: one datagram per window acknowledged.
      credit += mss * bytes;
      long grown = credit / cwnd;
      credit -= grown * cwnd;
      cwnd += grown;
    }
    cwnd = Math.min(cwnd, Math.max(cap, minimumWindow()));
  }

  @Override
  public void onLost(long bytes) {
    onDiscarded(bytes);
  }

  @Override
  public void onDiscarded(long bytes) {
    inFlight = Math.max(0, inFlight - bytes);
  }

  @Override
  public void onCongestionEvent(long now, long sentTime) {
    if (inRecovery(sentTime)) {
      return;
    }
    recoveryStart = now;
    ssthresh = cwnd / 2;
    cwnd = Math.max(ssthresh, minimumWindow());
    credit = 0;
  }

  @Override
  public void onEcn(long now, long sentTime) {
    onCongestionEvent(now, sentTime);
  }

  @Override
  public void onPersistentCongestion(long now) {
    cwnd = minimumWindow();
    recoveryStart = Long.MIN_VALUE;
    credit = 0;
  }

  @Override
  public void mss(int bytes) {
    boolean untouched = cwnd == initialWindow() && ssthresh == Long.MAX_VALUE;
    mss = bytes;
    cwnd = untouched ? initialWindow() : Math.max(cwnd, minimumWindow());
  }

  @Override
  public void windowCap(long bytes) {
    cap = bytes;
  }

  @Override
  public void reset() {
    restart();
  }

  @Override
  public long cwnd() {
    return cwnd;
  }

  @Override
  public long ssthresh() {
    return ssthresh;
  }

  @Override
  public long bytesInFlight() {
    return inFlight;
  }

  @Override
  public boolean inSlowStart() {
    return cwnd < ssthresh;
  }

  @Override
  public boolean inRecovery(long sentTime) {
    return recoveryStart != Long.MIN_VALUE && sentTime <= recoveryStart;
  }

  @Override
  public long pacingRate(RttEstimator rtt) {
    // RFC 9002 section 7.7: a little faster than the window, twice in slow start.
    long srtt = Math.max(rtt.smoothed(), 1);
    double factor = inSlowStart() ? 2.0 : 1.25;
    return (long) Math.max(1, Math.min(factor * cwnd / srtt * NANOS, Long.MAX_VALUE / 4));
  }
}
