package dev.quic.dataplane.core.outqueue;

import dev.quic.dataplane.core.cong.CongestionControl;
import dev.quic.dataplane.core.cong.DeliveryRate;
import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.uapi.QuicUapi;

/**
 * Acknowledgement processing and loss detection over the three packet number spaces, RFC 9002
 * section 6.1 and appendix A, and the one timer of that and of {@link ProbeTimeout}. Spaces are
 * named by their {@code QUIC_CRYPTO_*} level.
 */
public final class LossRecovery {
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int SPACES = 3;

  private static final long NEVER = Long.MAX_VALUE;

  /** Spaces in the order of their probes and losses: earlier levels first. */
  static final int[] ORDER = {QuicUapi.QUIC_CRYPTO_INITIAL, QuicUapi.QUIC_CRYPTO_HANDSHAKE, APP};

  private final SentPackets[] sent = new SentPackets[SPACES];
  private final long[] lossTime = new long[SPACES];
  private final long[] largestAcked = new long[SPACES];

  private final DeliveryRate rate = new DeliveryRate();
  private final LostPackets lost = new LostPackets();
  private final Reordering reordering = new Reordering();
  private CongestionControl cc;
  private final RttEstimator rtt;
  private final ProbeTimeout pto;
  private final PersistentCongestion persistence;
  private final FrameFate fate;
  private final EventSink events;
  private final long cookie;

  private PacketWatch watch = PacketWatch.NONE;

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
      largestAcked[i] = -1;
    }
    pto = new ProbeTimeout(sent, rtt, fate);
    persistence = new PersistentCongestion(SPACES, rtt);
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

  public ProbeTimeout probeTimeout() {
    return pto;
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
      pto.onSent(level, now);
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
    persistence.onAcked(level, latest);
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
    if (now - lostAt > 2 * rtt.pto(pto.maxAckDelay())) {
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
    persistence.onSample(now);
    // RFC 9002 section 5.3: no delay for Initial; its cap holds once confirmed.
    long delay = level == QuicUapi.QUIC_CRYPTO_INITIAL ? 0 : ackDelay;
    if (pto.confirmed()) {
      rtt.onSample(now - largestTime, delay, pto.maxAckDelay());
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
    pto.onAcked(now);
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
    long delay = reordering.delay(rtt.lossDelay(), pto.period());
    int threshold = reordering.packets();
    long lostBytes = 0;
    long lastLost = Long.MIN_VALUE;
    int watchedBefore = lost.mark();
    boolean persistent = false;
    boolean gap = s.ackedBelowBase() > persistence.end(level);
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
        if (gap) {
          persistence.endRun(level);
          gap = false;
        }
        persistent |= persistence.onLost(level, pn, at, pto.maxAckDelay());
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
      persistence.endRun(level);
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
    return pto.due();
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
    if (lossDue || pto.due() > now) {
      // Something sent since the timer was set may have moved the timeout.
      return false;
    }
    pto.fire(now);
    events.lossTimer(now, cookie, pto.count());
    return true;
  }

  /**
   * Before a flush: forgets the oldest packets and sends again what they carried where a peer that
   * acknowledges nothing had us answer so often that they are few among our numbers.
   */
  public void forgetOld(long now) {
    for (int level : ORDER) {
      SentPackets s = sent[level];
      while (s.sparse() && s.forgettable(now - 3 * pto.period())) {
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
    pto.onDiscarded(level);
    restart(level);
    sent[level].shed();
  }

  /** A Retry or a new version: what was sent counts for nothing (RFC 9002 section 6.3). */
  public void restart(int level) {
    cc.onDiscarded(sent[level].discard());
    lossTime[level] = NEVER;
    pto.onEmptied(level);
    pto.restart();
  }

  /**
   * What is outstanding in a space is to be sent again, though congestion did not lose it: 0-RTT
   * packets that were refused, or that a Retry made void.
   */
  public void requeue(int level) {
    cc.onDiscarded(sent[level].requeue(level, fate));
    lossTime[level] = NEVER;
    pto.onEmptied(level);
  }

  /** The connection goes by another network: what was sent before tells nothing about it. */
  public void onNewPath(long now) {
    pathSince = now;
    persistence.onNewPath();
    pto.restart();
    reordering.reset();
    lost.forget();
    for (SentPackets s : sent) {
      cc.onDiscarded(s.unflight());
    }
  }
}
