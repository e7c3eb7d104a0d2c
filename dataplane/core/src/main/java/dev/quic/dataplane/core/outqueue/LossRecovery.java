package dev.quic.dataplane.core.outqueue;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.cong.CongestionControl;
import dev.quic.dataplane.core.cong.DeliveryRate;
import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.uapi.QuicUapi;

/**
 * Acknowledgement processing, loss detection and probe timeouts over the three packet number
 * spaces, RFC 9002 section 6 and appendix A. Spaces are named by their {@code QUIC_CRYPTO_*} level.
 */
public final class LossRecovery {
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int SPACES = 3;

  private static final long NEVER = Long.MAX_VALUE;

  // Probes are taken in this order: earlier levels first.
  private static final int[] ORDER = {
    QuicUapi.QUIC_CRYPTO_INITIAL, QuicUapi.QUIC_CRYPTO_HANDSHAKE, APP
  };

  private final SentPackets[] sent = new SentPackets[SPACES];
  private final long[] lossTime = new long[SPACES];
  private final long[] lastEliciting = new long[SPACES];
  private final long[] largestAcked = new long[SPACES];
  private final int[] probes = new int[SPACES];
  private final boolean[] discarded = new boolean[SPACES];

  /** Behind what the last timeout's probes carried: the next one's go on there. */
  private final long[] repeated = new long[SPACES];

  /** Handshake data waits to be sent (again). */
  private final boolean[] waiting = new boolean[SPACES];

  // The run of losses without an acknowledgement between them: since when, up to which number.
  private final long[] runStart = new long[SPACES];
  private final long[] runEnd = new long[SPACES];

  /** When the latest packet acknowledged was sent. */
  private final long[] ackedTime = new long[SPACES];

  private final DeliveryRate rate = new DeliveryRate();
  private final LostPackets lost = new LostPackets();
  private final Reordering reordering = new Reordering();
  private CongestionControl cc;
  private final RttEstimator rtt;
  private final FrameFate fate;
  private final EventSink events;
  private final long cookie;

  private PacketWatch watch = PacketWatch.NONE;
  private int ptoCount;
  private long maxAckDelay = 25_000_000;
  private boolean confirmed;
  private boolean peerValidated;
  private boolean handshakeKeys;
  private boolean flightComplete;
  private long firstSampleTime = NEVER;
  private long lastActivity = NEVER;

  // When a flush last left data unsent though the window was used up, or would be but for pacing.
  private long heldBack = Long.MIN_VALUE;
  private long lostAt;
  // Packets sent before went by another path (RFC 9000 section 9.4).
  private long pathSince = Long.MIN_VALUE;

  public LossRecovery(
      CongestionControl cc, RttEstimator rtt, FrameFate fate, EventSink events, long cookie) {
    this.cc = cc;
    this.rtt = rtt;
    this.fate = fate;
    this.events = events;
    this.cookie = cookie;
    for (int i = 0; i < SPACES; i++) {
      sent[i] = new SentPackets();
      lossTime[i] = NEVER;
      lastEliciting[i] = NEVER;
      largestAcked[i] = -1;
      runStart[i] = NEVER;
      ackedTime[i] = Long.MIN_VALUE;
    }
  }

  /** Another controller takes over. */
  public void controller(CongestionControl next) {
    cc = next;
  }

  /** Delivery rate of the connection. */
  public DeliveryRate rate() {
    return rate;
  }

  /** Who is told what became of whole packets. */
  public void watch(PacketWatch w) {
    watch = w;
  }

  public SentPackets sent(int level) {
    return sent[level];
  }

  /** The peer's max_ack_delay, ns. */
  public void maxAckDelay(long ns) {
    maxAckDelay = ns;
  }

  public long maxAckDelay() {
    return maxAckDelay;
  }

  /** The handshake is confirmed (RFC 9001 section 4.1.2). */
  public void confirm() {
    confirmed = true;
    peerValidated = true;
  }

  /** The peer no longer suspects our address: servers from the start, clients by an ACK. */
  public void peerValidated() {
    peerValidated = true;
  }

  /** The peer owes nothing of its handshake: servers from the start, clients once complete. */
  public void flightComplete() {
    flightComplete = true;
  }

  /** Handshake keys exist, so a deadlock probe goes there (RFC 9002 section 6.2.2.1). */
  public void handshakeKeys() {
    handshakeKeys = true;
  }

  public int ptoCount() {
    return ptoCount;
  }

  /** Probe packets this space should still send, whatever the window says. */
  public int probes(int level) {
    return probes[level];
  }

  /** PTO without backoff, ns. */
  public long pto() {
    return rtt.pto(confirmed ? maxAckDelay : 0);
  }

  /**
   * Whether a flush left handshake data of this space unsent. Such a space is probed even with
   * nothing in flight: the window that holds it back may be full of 1-RTT packets that no timer
   * watches before the handshake is confirmed, or of another space's probes.
   */
  public void waiting(int level, boolean unsent) {
    waiting[level] = unsent;
  }

  /** A packet was sent. Frames were noted in {@link #sent} before. */
  public void onSent(int level, long pn, long now, int bytes, boolean eliciting, boolean inFlight) {
    sent[level].commit(pn, now, bytes, eliciting, inFlight);
    if (inFlight) {
      long flight = cc.bytesInFlight();
      if (flight == 0 && rate.isAppLimited()) {
        cc.onRestart(now, rate.delivered());
      }
      rate.onSend(now, flight, bytes);
      sent[level].noteRate(pn, rate);
      cc.onPacketSent(now, bytes);
    }
    // What went by another path only is no probe of this one and puts no timeout off.
    if (eliciting && inFlight) {
      lastEliciting[level] = now;
      lastActivity = now;
      if (probes[level] > 0) {
        probes[level]--;
      }
    }
  }

  /** A flush left nothing unsent though more would have been let out (RFC 9002 section 7.8). */
  public void onAppLimited() {
    rate.onAppLimited(cc.bytesInFlight());
  }

  /** A flush left data unsent that fills the window, or will when pacing has let it out. */
  public void onHeldBack(long now) {
    heldBack = now;
  }

  /**
   * Processes an ACK frame.
   *
   * @param ackDelay in ns
   * @return 0, or PROTOCOL_VIOLATION for a packet never sent
   */
  public int onAck(int level, Frame f, long ackDelay, long now) {
    SentPackets s = sent[level];
    if (f.id >= s.next()) {
      // RFC 9000 section 13.1.
      return QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
    }
    long priorFlight = cc.bytesInFlight();
    boolean largestNew = s.present(f.id);
    long largestTime = largestNew ? s.time(f.id) : 0;
    long ackedBytes = 0;
    long latest = Long.MIN_VALUE;
    boolean eliciting = false;
    boolean any = false;
    if (level == APP && lost.watching()) {
      onLate(f, now);
    }
    rate.begin();
    for (int r = 0; r < f.ackCount; r++) {
      long low = Math.max(f.ackLow[r], s.base());
      for (long pn = f.ackHigh[r]; pn >= low; pn--) {
        if (!s.present(pn)) {
          continue;
        }
        any = true;
        eliciting |= s.isEliciting(pn);
        latest = Math.max(latest, s.time(pn));
        if (s.isInFlight(pn)) {
          ackedBytes += s.size(pn);
          s.sampleRate(pn, now, rate);
        }
        watch.acked(now, level, pn, s.size(pn), s.tags(pn));
        s.frames(pn, level, true, fate);
        s.settle(pn);
      }
    }
    boolean grew = f.id > largestAcked[level];
    largestAcked[level] = Math.max(largestAcked[level], f.id);
    if (!any) {
      return 0;
    }
    s.trim();
    rate.end(rtt.min());
    lastActivity = now;
    ackedTime[level] = Math.max(ackedTime[level], latest);
    if (largestNew && eliciting) {
      sample(level, now, largestTime, ackDelay);
    }
    long marked = largestNew ? largestTime : latest;
    if (watch.onAckFrame(now, level, f, grew) && marked >= pathSince) {
      cc.onEcn(now, marked);
      lost.forget();
    }
    onAckedBytes(level, now, latest, ackedBytes, priorFlight);
    return 0;
  }

  /** Packets given up may have come after all. */
  private void onLate(Frame f, long now) {
    if (now - lostAt > 2 * rtt.pto(maxAckDelay)) {
      lost.forget();
    } else if (lost.onAck(f)) {
      reordering.onLate(lost.distance(), lost.late());
      if (lost.allCame()) {
        // RFC 9438 section 4.9: nothing was lost, so it was no congestion.
        cc.onSpurious(now);
        events.spuriousLoss(now, cookie);
        lost.forget();
      }
    }
  }

  private void sample(int level, long now, long largestTime, long ackDelay) {
    if (largestTime < pathSince) {
      return;
    }
    if (firstSampleTime == NEVER) {
      firstSampleTime = now;
    }
    // RFC 9002 section 5.3: no delay for Initial; its cap holds once confirmed.
    long delay = level == QuicUapi.QUIC_CRYPTO_INITIAL ? 0 : ackDelay;
    if (confirmed) {
      rtt.onSample(now - largestTime, delay, maxAckDelay);
    } else {
      rtt.onEarlySample(now - largestTime, delay);
    }
    events.rttUpdated(now, cookie, rtt.latest(), rtt.min(), rtt.smoothed(), rtt.variance());
  }

  private void onAckedBytes(int level, long now, long latest, long bytes, long priorFlight) {
    detectLosses(level, now);
    if (bytes > 0) {
      boolean used = heldBack >= latest || windowWasUsed(priorFlight);
      cc.onAcked(now, latest, bytes, !used || latest < pathSince, rtt);
      cc.onSample(now, rate, rtt);
      rate.consumed();
    }
    // RFC 9002 section 6.2.1: a client does not reset the backoff before its address is validated.
    if (peerValidated) {
      ptoCount = 0;
    }
    events.recoveryUpdated(
        now, cookie, cc.cwnd(), cc.bytesInFlight(), rtt.smoothed(), cc.ssthresh());
  }

  /** RFC 9002 section 7.8: the window grows only when it was (nearly) in use. */
  private boolean windowWasUsed(long flight) {
    long cwnd = cc.cwnd();
    return flight >= cwnd || cc.inSlowStart() && flight > cwnd / 2 || cwnd - flight <= 4_500;
  }

  private void detectLosses(int level, long now) {
    SentPackets s = sent[level];
    lossTime[level] = NEVER;
    long delay = reordering.delay(rtt.lossDelay(), pto());
    int threshold = reordering.packets();
    long lostBytes = 0;
    long lastLost = Long.MIN_VALUE;
    int watchedBefore = lost.mark();
    boolean persistent = false;
    boolean gap = s.ackedBelowBase() > runEnd[level];
    long limit = Math.min(largestAcked[level], s.next() - 1);
    for (long pn = s.base(); pn <= limit; pn++) {
      if (!s.present(pn)) {
        gap |= s.acked(pn);
        continue;
      }
      long at = s.time(pn);
      boolean byTime = largestAcked[level] - pn < threshold;
      if (byTime && at > now - delay) {
        lossTime[level] = Math.min(lossTime[level], at + delay);
        continue;
      }
      if (s.isEliciting(pn) && !s.isMtuProbe(pn)) {
        runStart[level] = gap ? NEVER : runStart[level];
        persistent |= isPersistent(level, pn, at);
        gap = false;
      }
      events.packetLost(now, cookie, level, pn, s.size(pn));
      if (s.isMtuProbe(pn)) {
        // RFC 9000 section 14.4: the loss of a probe is no sign of congestion.
        cc.onDiscarded(s.isInFlight(pn) ? s.size(pn) : 0);
      } else if (s.isInFlight(pn)) {
        lostBytes += s.size(pn);
        lastLost = Math.max(lastLost, at);
        lost.add(pn, byTime);
        countLost(s, pn);
      }
      watch.lost(now, level, pn, s.size(pn), s.tags(pn));
      s.frames(pn, level, false, fate);
      s.settleLost(pn);
    }
    s.trim();
    if (lostBytes > 0) {
      onLost(level, now, lostBytes, lastLost, watchedBefore, persistent);
    }
  }

  private void countLost(SentPackets s, long pn) {
    int size = s.size(pn);
    rate.onLost(size);
    long since = rate.lost() - s.lostBefore(pn);
    cc.onPacketLost(size, since, s.inFlightThen(pn), s.wasAppLimited(pn));
  }

  /**
   * Whether a loss makes the run of losses it continues or begins persistent congestion (RFC 9002
   * section 7.6.2): two ack-eliciting packets sent after the first round trip was measured, far
   * apart, and nothing acknowledged of what was sent between them in any space.
   */
  private boolean isPersistent(int level, long pn, long at) {
    runEnd[level] = pn;
    if (at <= firstSampleTime) {
      return false;
    }
    boolean broken = runStart[level] == NEVER;
    for (int other : ORDER) {
      broken |= other != level && ackedTime[other] >= runStart[level];
    }
    if (broken) {
      runStart[level] = at;
    }
    return at - runStart[level] > rtt.persistentCongestion(maxAckDelay);
  }

  private void onLost(
      int level, long now, long bytes, long lastLost, int watchedBefore, boolean persistent) {
    if (!cc.inRecovery(lastLost)) {
      reordering.onPeriod();
      lost.begin(watchedBefore);
    }
    lostAt = now;
    if (level != APP || persistent) {
      lost.forget();
    }
    cc.onLost(bytes);
    if (lastLost >= pathSince) {
      cc.onCongestionEvent(now, lastLost);
    }
    if (persistent) {
      cc.onPersistentCongestion(now);
      rtt.onPersistentCongestion();
      runStart[level] = NEVER;
    }
  }

  /** When {@link #onTimeout} is due: the earliest loss time, else the probe timeout. */
  public long deadline(boolean amplificationBlocked) {
    long loss = Math.min(lossTime[0], Math.min(lossTime[1], lossTime[2]));
    if (loss != NEVER) {
      return loss;
    }
    if (amplificationBlocked) {
      return NEVER;
    }
    return ptoTime();
  }

  private long ptoTime() {
    int backoff = Math.min(ptoCount, Limits.PTO_BACKOFF);
    if (noneInFlight() && !anyWaiting()) {
      // RFC 9002 section 6.2.2.1: a client must probe, or the server may be stuck at its limit. It
      // may be there again after it acknowledged Handshake packets, when our address has changed.
      return peerValidated && flightComplete || lastActivity == NEVER
          ? NEVER
          : lastActivity + (pto(QuicUapi.QUIC_CRYPTO_INITIAL) << backoff);
    }
    long at = NEVER;
    for (int level : ORDER) {
      long since = probeBase(level);
      if (since != NEVER) {
        at = Math.min(at, since + (pto(level) << backoff));
      }
    }
    return at;
  }

  /**
   * A space's probe timeout without backoff. Until the handshake is confirmed the peer's TLS is at
   * work, perhaps in another process: a round trip of its packets alone says nothing of that, and
   * probes that come too early cost each side more than the wait.
   */
  private long pto(int level) {
    long usual = rtt.pto(level == APP ? maxAckDelay : 0);
    return confirmed ? usual : Math.max(usual, Limits.HANDSHAKE_PTO);
  }

  /** What a space's probe timeout counts from; NEVER when it has none. */
  private long probeBase(int level) {
    if (level == APP && !confirmed) {
      return NEVER;
    }
    return sent[level].eliciting() > 0
        ? lastEliciting[level]
        : waiting[level] ? lastActivity : NEVER;
  }

  private boolean anyWaiting() {
    return waiting[0] || waiting[1] || waiting[2];
  }

  /** 0-RTT packets do not count: no timer watches them before the handshake is confirmed. */
  private boolean noneInFlight() {
    return (!confirmed || sent[APP].eliciting() == 0)
        && sent[QuicUapi.QUIC_CRYPTO_INITIAL].eliciting() == 0
        && sent[QuicUapi.QUIC_CRYPTO_HANDSHAKE].eliciting() == 0;
  }

  /** Runs the loss timer. Returns whether it was a probe timeout. */
  public boolean onTimeout(long now) {
    boolean lossDue = false;
    for (int level : ORDER) {
      if (lossTime[level] <= now) {
        lossDue = true;
        detectLosses(level, now);
      }
    }
    if (lossDue || ptoTime() > now) {
      // Something sent since the timer was set may have moved the timeout.
      return false;
    }
    probe(now);
    ptoCount++;
    lastActivity = now;
    events.lossTimer(now, cookie, ptoCount);
    return true;
  }

  private void probe(long now) {
    int backoff = Math.min(ptoCount, Limits.PTO_BACKOFF);
    if (noneInFlight() && !anyWaiting()) {
      int level =
          handshakeKeys && !discarded[QuicUapi.QUIC_CRYPTO_HANDSHAKE]
              ? QuicUapi.QUIC_CRYPTO_HANDSHAKE
              : QuicUapi.QUIC_CRYPTO_INITIAL;
      probes[discarded[level] ? APP : level] = 1;
      return;
    }
    for (int level : ORDER) {
      long since = probeBase(level);
      if (since == NEVER) {
        continue;
      }
      // RFC 9002 section 6.2.4: spaces with data to send go along with the one that timed out.
      long at = since + (pto(level) << backoff);
      if (at <= now || waiting[level]) {
        // Should the probe not be sent after all, the next timeout is later even so.
        lastEliciting[level] = now;
        probes[level] = 2;
        repeat(level, ptoCount == 0 ? 0 : repeated[level]);
      }
    }
  }

  /** Queues frames of two packets again, the oldest from a number on: what probes carry. */
  private void repeat(int level, long from) {
    repeated[level] = sent[level].repeat(level, from, 2, fate);
  }

  /**
   * Before a flush: forgets the oldest packets and sends again what they carried where a peer that
   * acknowledges nothing had us answer so often that they are few among our numbers.
   */
  public void forgetOld(long now) {
    for (int level : ORDER) {
      SentPackets s = sent[level];
      while (s.sparse() && s.forgettable(now - 3 * pto())) {
        long pn = s.base();
        events.packetLost(now, cookie, level, pn, s.size(pn));
        cc.onDiscarded(s.isInFlight(pn) ? s.size(pn) : 0);
        watch.lost(now, level, pn, s.size(pn), s.tags(pn));
        s.frames(pn, level, false, fate);
        s.settleLost(pn);
        s.trim();
      }
    }
  }

  /** Keys of a space were discarded (RFC 9002 section 6.4). */
  public void discard(int level) {
    discarded[level] = true;
    waiting[level] = false;
    restart(level);
    sent[level].shed();
  }

  /** A Retry or a new version: what was sent counts for nothing (RFC 9002 section 6.3). */
  public void restart(int level) {
    cc.onDiscarded(sent[level].discard());
    lossTime[level] = NEVER;
    lastEliciting[level] = NEVER;
    probes[level] = 0;
    ptoCount = 0;
  }

  /**
   * What is outstanding in a space is to be sent again, though congestion did not lose it: 0-RTT
   * packets that were refused, or that a Retry made void.
   */
  public void requeue(int level) {
    cc.onDiscarded(sent[level].requeue(level, fate));
    lossTime[level] = NEVER;
    lastEliciting[level] = NEVER;
    probes[level] = 0;
  }

  /** The connection goes by another path from now on: probe timeouts of the old one are over. */
  public void onMoved(long now) {
    ptoCount = 0;
  }

  /** That path is another network's: what was sent before tells nothing about it. */
  public void onNewPath(long now) {
    pathSince = now;
    firstSampleTime = NEVER;
    ptoCount = 0;
    reordering.reset();
    lost.forget();
    for (SentPackets s : sent) {
      cc.onDiscarded(s.unflight());
    }
  }

  /**
   * Probes a space at once: the peer is reachable (again), and what is outstanding probably went
   * where nobody is any more; or it said that it lacks it.
   */
  public void probeNow(int level) {
    if (sent[level].eliciting() > 0) {
      probes[level] = 2;
      repeat(level, 0);
    }
  }

  /** When a packet of this space last asked for an acknowledgement; Long.MAX_VALUE for never. */
  public long lastEliciting(int level) {
    return lastEliciting[level];
  }

  /** The PTO backoff in effect, as a count. */
  public int backoff() {
    return Math.min(ptoCount, Limits.PTO_BACKOFF);
  }
}
