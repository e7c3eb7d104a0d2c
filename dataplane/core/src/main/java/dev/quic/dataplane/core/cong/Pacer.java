package dev.quic.dataplane.core.cong;

import dev.quic.dataplane.core.common.Limits;

/**
 * Spreads packets over the round trip in bursts worth one millisecond of the pacing rate, from 2
 * packets to one full batch of datagrams, or, where that takes less than 50 microseconds, as many
 * batches as do, up to four; never above the initial window until a round trip was measured (RFC
 * 9002 section 7.7). Where the shortest round trip is below half a millisecond a burst is a batch,
 * half of it below one millisecond and so on, as in Linux (tcp_tso_rtt_log), but at most half a
 * window. After a burst is used up nothing is released before the next whole burst is due, or
 * batches would crumble.
 */
public final class Pacer {
  private static final long NANOS = 1_000_000_000;

  /** No limit, but for arithmetic; a burst is never more than a window, so it is due in a round. */
  private static final long LONGEST_WAIT = 3_600 * NANOS;

  private static final int MIN_PACKETS = 2;

  /** Parts of a second that a batch should at least be worth before there are several. */
  private static final long BATCHES_PER_SECOND = 20_000;

  private static final int MAX_BATCHES = 4;

  /** As much again of the shortest round trip halves the burst of a short path, ns. */
  private static final long NEAR_RTT = 500_000;

  private long rate = Long.MAX_VALUE / 4;
  private long burst;
  private int mss;

  // Bytes earned and not spent as of time last; below 0 when a burst was overdrawn.
  private double tokens;
  private long last;
  private long releaseAt;
  private boolean started;
  private boolean spent;

  /**
   * @param mss largest datagram, bytes
   */
  public Pacer(int mss) {
    this.mss = mss;
    burst = (long) MIN_PACKETS * mss;
  }

  /**
   * Takes the present rate; call after every ACK and before {@link #budget}.
   *
   * @param maxRate SO_MAX_PACING_RATE in bytes per second, {@link Long#MAX_VALUE} for none
   */
  public void update(CongestionControl cc, RttEstimator rtt, int mss, long maxRate) {
    this.mss = mss;
    long own = cc.pacingRate(rtt);
    rate = Math.max(1, Math.min(own, maxRate));
    long batch = (long) Limits.RUN_BYTES / mss * mss;
    long batches = Math.clamp(rate / BATCHES_PER_SECOND / batch, 1, MAX_BATCHES);
    // Who asks for a slower rate asks for small bursts.
    long worth = Math.max(rate / 1_000, own <= maxRate ? near(cc.cwnd(), rtt, batch) : 0);
    burst = Math.clamp(worth, (long) MIN_PACKETS * mss, batches * batch);
    if (!rtt.hasSample()) {
      burst = cc.initialWindow();
    }
    if (spent) {
      // The first sample may show that the wait was reckoned with far too slow a rate.
      reckonRelease();
    }
  }

  /**
   * A burst on a path that is short however slow the connection is, since many share it: small
   * bursts would cost both ends a system call for every few packets and spare no router anything.
   */
  private static long near(long cwnd, RttEstimator rtt, long batch) {
    long halvings = Math.min(rtt.min() / NEAR_RTT, Long.SIZE - 1);
    return Math.min(cwnd / 2, batch >> halvings);
  }

  /** Bytes that may be sent now; 0 until {@link #nextRelease}. */
  public long budget(long now) {
    if (!started) {
      started = true;
      last = now;
      tokens = burst;
      releaseAt = now;
    }
    if (spent && now < releaseAt) {
      return 0;
    }
    spent = false;
    refill(now);
    spendUp();
    return spent ? 0 : (long) Math.min(tokens, burst);
  }

  private void refill(long now) {
    double earned = (double) (now - last) * rate / NANOS;
    // A late timer keeps one burst of what it missed; an idle connection keeps no more.
    tokens = Math.min(tokens + Math.max(earned, 0), 2.0 * burst);
    last = Math.max(last, now);
  }

  /** Paced bytes were sent. */
  public void onSent(long now, long bytes, int mss) {
    refill(now);
    tokens -= bytes;
    this.mss = mss;
    spendUp();
  }

  /** What does not make a packet is kept for the next burst. */
  private void spendUp() {
    if (tokens < mss) {
      spent = true;
      reckonRelease();
    }
  }

  private void reckonRelease() {
    // Rounded up, or the burst would be a byte short when its time has come.
    double wait = Math.ceil((burst - tokens) * NANOS / rate) + 1;
    releaseAt = last + (long) Math.max(0, Math.min(wait, LONGEST_WAIT));
  }

  /** When {@link #budget} gives something again; at or before now when it does already. */
  public long nextRelease() {
    return releaseAt;
  }
}
