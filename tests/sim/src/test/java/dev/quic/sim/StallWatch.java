package dev.quic.sim;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.simnet.Sim;
import dev.quic.uapi.QuicUapi;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * Reads one endpoint's events and reckons the probe timeout on its own (RFC 9002 section 6.2.1):
 * while bytes the core was given have not arrived (all of them fit into the flow control windows),
 * an established connection never pauses longer between two ack-eliciting packets than the longest
 * timeout in force meanwhile.
 */
final class StallWatch implements EventSink {
  /** The default max_ack_delay, which both sides use. */
  private static final long MAX_ACK_DELAY = 25 * Sim.MILLIS;

  private static final long GRANULARITY = Sim.MILLIS;

  /** Timers may be late by so much. */
  private static final long SLACK = Sim.MILLIS;

  private static final int MOST_DOUBLINGS = 8;
  private static final int NO_DEADLINE = -1;

  private final String name;
  private final BooleanSupplier dataLeft;
  private boolean watching;
  private boolean hadData;
  private boolean closed;
  private long pto = NO_DEADLINE;
  private int doublings;
  private long lossDelay;
  private long longest;
  private long lastSent;
  private long lastReceived = Sim.START;
  private long longestGap;
  private String failure = "";

  /**
   * @param dataLeft whether this end has bytes the other did not get
   */
  StallWatch(String name, BooleanSupplier dataLeft) {
    this.name = name;
    this.dataLeft = dataLeft;
  }

  /** What was seen to stall; empty for nothing. */
  String failure() {
    return failure;
  }

  /** When this end last processed a packet. */
  long lastReceived() {
    return lastReceived;
  }

  /** The longest pause while there was something to send, ns. */
  long longestGap() {
    return longestGap;
  }

  /** The run is over. */
  void end(long now) {
    check(now, "by the end");
  }

  /** While a loss timer runs there is no probe timeout (RFC 9002 section 6.2.1). */
  private long inForce() {
    return Math.max(pto << doublings, lossDelay);
  }

  /** Once all was acknowledged there may be nothing to send. */
  private void look() {
    hadData &= dataLeft.getAsBoolean();
  }

  private void check(long now, String what) {
    if (!watching || closed || pto == NO_DEADLINE) {
      return;
    }
    long gap = now - lastSent;
    if (hadData && dataLeft.getAsBoolean()) {
      longestGap = Math.max(longestGap, gap);
      if (gap > longest + SLACK && failure.isEmpty()) {
        failure =
            String.format(
                Locale.ROOT,
                "%s sent nothing for %.3f ms %s at %.3f ms, PTO %.3f ms",
                name,
                gap / 1e6,
                what,
                (now - Sim.START) / 1e6,
                longest / 1e6);
      }
    }
  }

  @Override
  public void packetSent(long now, long sock, int level, long pn, int bytes, boolean ackEliciting) {
    if (!ackEliciting || level != QuicUapi.QUIC_CRYPTO_APP) {
      return;
    }
    check(now, "before packet " + pn);
    lastSent = now;
    longest = inForce();
    hadData = dataLeft.getAsBoolean();
  }

  @Override
  public void packetReceived(long now, long sock, int level, long pn, int bytes) {
    lastReceived = now;
    look();
  }

  @Override
  public void rttUpdated(long now, long sock, long latest, long min, long smoothed, long variance) {
    pto = smoothed + Math.max(4 * variance, GRANULARITY) + MAX_ACK_DELAY;
    lossDelay = 9 * Math.max(latest, smoothed) / 8;
    longest = Math.max(longest, inForce());
  }

  @Override
  public void recoveryUpdated(
      long now, long sock, long cwnd, long inFlight, long smoothedRttNs, long ssthresh) {
    doublings = 0;
    look();
  }

  @Override
  public void lossTimer(long now, long sock, int ptoCount) {
    doublings = Math.min(ptoCount, MOST_DOUBLINGS);
  }

  /** The handshake is confirmed (RFC 9001 section 4.9.2): from now on 1-RTT has its timer. */
  @Override
  public void secretDiscarded(long now, long sock, int level) {
    if (level == QuicUapi.QUIC_CRYPTO_HANDSHAKE && !watching) {
      watching = true;
      lastSent = now;
      longest = inForce();
      hadData = dataLeft.getAsBoolean();
    }
  }

  @Override
  public void closed(long now, long sock, boolean local, boolean application, long errorCode) {
    if (!closed) {
      check(now, "before its end");
      closed = true;
    }
  }
}
