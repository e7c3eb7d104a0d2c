package dev.quic.dataplane.core.cong;

/** NewReno, RFC 9002 section 7 and appendix B. */
public final class NewReno extends WindowControl {
  private long credit;

  /**
   * @param mss largest datagram, bytes
   */
  public NewReno(int mss) {
    this(mss, false);
  }

  /**
   * @param kernelMinimum see {@link WindowControl}
   */
  NewReno(int mss, boolean kernelMinimum) {
    super(mss, kernelMinimum);
  }

  @Override
  void grow(long now, long sentTime, long bytes, RttEstimator rtt) {
    long cwnd = cwnd();
    if (inSlowStart()) {
      cwnd(cwnd + bytes);
      return;
    }
    // RFC 9002 section 7.3.3: one datagram per window acknowledged.
    credit += mss() * bytes;
    long grown = credit / cwnd;
    credit -= grown * cwnd;
    cwnd(cwnd + grown);
  }

  @Override
  long reduced() {
    credit = 0;
    return cwnd() / 2;
  }

  @Override
  void remember() {}

  @Override
  void recall() {}

  @Override
  void forget() {
    credit = 0;
  }
}
