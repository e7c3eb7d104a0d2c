package dev.quic.sim;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Sim;
import dev.quic.uapi.QuicUapi;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Reads one endpoint's events and reckons the probe timeout on its own (RFC 9002 section 6.2.1):
 * while bytes the core was given have not arrived (all of them fit into the flow control windows),
 * an established connection never pauses longer between two ack-eliciting packets than the longest
 * timeout in force meanwhile. Time in which nothing may be sent, because the address is not proved,
 * does not count. Of several connections the one whose handshake was confirmed is watched.
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
  private final AddressLimit limit = new AddressLimit();

  /** Probe timeout and loss delay, by connection. */
  private final Map<Long, long[]> estimates = new HashMap<>();

  private long watched;
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
  private boolean limited;
  private String failure = "";

  /**
   * @param dataLeft whether this end has bytes the other did not get
   */
  StallWatch(String name, BooleanSupplier dataLeft) {
    this.name = name;
    this.dataLeft = dataLeft;
  }

  /** A server's door: a datagram is about to come in, and lets out what may go from now on. */
  void arriving(long now, Datagram d) {
    restart(now);
    limited = true;
    limit.arrived(d.from, d.length());
  }

  /** A server's door: a datagram left. */
  void left(Datagram d) {
    limit.sent(d.to, d.length());
  }

  /** Where nothing could be sent so far, time begins to count now. */
  private void restart(long now) {
    if (watching && limited && limit.blocked(watched)) {
      lastSent = now;
    }
  }

  private boolean others(long sock) {
    return watching && sock != watched;
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
    restart(now);
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
    if (!ackEliciting || level != QuicUapi.QUIC_CRYPTO_APP || others(sock)) {
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
    if (!others(sock)) {
      look();
    }
  }

  @Override
  public void rttUpdated(long now, long sock, long latest, long min, long smoothed, long variance) {
    long timeout = smoothed + Math.max(4 * variance, GRANULARITY) + MAX_ACK_DELAY;
    estimates.put(sock, new long[] {timeout, 9 * Math.max(latest, smoothed) / 8});
    if (!others(sock)) {
      estimate(sock);
    }
  }

  private void estimate(long sock) {
    long[] of = estimates.getOrDefault(sock, new long[] {NO_DEADLINE, 0});
    pto = of[0];
    lossDelay = of[1];
    longest = Math.max(longest, inForce());
  }

  @Override
  public void recoveryUpdated(
      long now, long sock, long cwnd, long inFlight, long smoothedRttNs, long ssthresh) {
    if (!others(sock)) {
      doublings = 0;
      look();
    }
  }

  @Override
  public void lossTimer(long now, long sock, int ptoCount) {
    if (!others(sock)) {
      doublings = Math.min(ptoCount, MOST_DOUBLINGS);
    }
  }

  /** The handshake is confirmed (RFC 9001 section 4.9.2): from now on 1-RTT has its timer. */
  @Override
  public void secretDiscarded(long now, long sock, int level) {
    if (level == QuicUapi.QUIC_CRYPTO_HANDSHAKE && !watching) {
      watching = true;
      watched = sock;
      limit.confirmed(sock);
      estimate(sock);
      lastSent = now;
      longest = inForce();
      hadData = dataLeft.getAsBoolean();
    }
  }

  @Override
  public void pathAssigned(
      long now, long sock, long localHi, long localLo, long remoteHi, long remoteLo, int ports) {
    if (!others(sock)) {
      restart(now);
    }
    limit.assigned(sock, remoteHi, remoteLo, ports & 0xffff);
  }

  @Override
  public void packetDropped(long now, long sock, int reason, int bytes) {
    if (sock == 0) {
      limit.notOurs(bytes);
    }
  }

  @Override
  public void pathValidated(long now, long sock, int path) {
    if (!others(sock)) {
      restart(now);
    }
    limit.proved(sock);
  }

  @Override
  public void closed(long now, long sock, boolean local, boolean application, long errorCode) {
    if (!closed && !others(sock)) {
      check(now, "before its end");
      closed = true;
    }
  }
}
