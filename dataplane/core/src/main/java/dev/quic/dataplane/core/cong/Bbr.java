package dev.quic.dataplane.core.cong;

/**
 * BBR (draft-cardwell-iccrg-bbr-congestion-control-02 with the changes of version 3: gains, full
 * pipe while probing, no long-term bound of the rate): paces at the rate the path was seen to
 * deliver and bounds what is in flight by a model of the path. Where the draft counts packets this
 * counts bytes. In loss recovery the short-term bounds slow it down, round by round; there is no
 * packet conservation on top of them.
 */
public final class Bbr implements CongestionControl {
  private static final double NANOS = 1e9;
  private static final long SECOND = BbrPath.SECOND;
  private static final long NEVER = Long.MIN_VALUE;

  /** Share lost of what was in flight beyond which that was too much. */
  private static final double LOSS_THRESH = 0.02;

  /** Loss events in a round that end Startup when the share is too high as well. */
  private static final int STARTUP_LOSSES = 6;

  /** Pacing is so much below the estimate, or queues would never empty. */
  private static final double PACING_MARGIN = 0.99;

  private static final int MIN_PIPE = 4;
  private static final long PROBE_RTT_TIME = SECOND / 5;
  private static final long LEAST_PROBE_WAIT = 2 * SECOND;

  /** A Reno flow of so many datagrams a window is let grow between two probes, at most. */
  private static final int RENO_ROUNDS = 63;

  private static final long QUANTUM_MAX = 65_536;

  private enum State {
    STARTUP(2.77, 2),
    DRAIN(0.5, 2),
    PROBE_DOWN(0.9, 2),
    PROBE_CRUISE(1, 2),
    PROBE_REFILL(1, 2),
    PROBE_UP(1.25, 2.25),
    PROBE_RTT(1, 0.5);

    final double pacingGain;
    final double cwndGain;

    State(double pacingGain, double cwndGain) {
      this.pacingGain = pacingGain;
      this.cwndGain = cwndGain;
    }

    boolean isProbeBw() {
      return ordinal() >= PROBE_DOWN.ordinal() && ordinal() <= PROBE_UP.ordinal();
    }

    /** Losses are of our own making. */
    boolean accelerates() {
      return this == STARTUP || this == PROBE_REFILL || this == PROBE_UP;
    }
  }

  /** Which part of a probe the ACKs that come in are of. */
  private enum Acks {
    INIT,
    REFILLING,
    STARTING,
    FEEDBACK,
    STOPPING
  }

  private final BbrPath path = new BbrPath();
  private final BbrBounds bounds = new BbrBounds();
  private long random;

  private State state = State.STARTUP;
  private Acks acks = Acks.INIT;
  private int mss;
  private long cap = Long.MAX_VALUE;
  private long inFlight;
  private long cwnd;
  private long priorCwnd;
  private long pacingRate;
  private long recoveryStart;
  private boolean rateFromRtt;
  private boolean idleRestart;
  private boolean everDelivered;

  // The probing cycle.
  private boolean probeSamples;
  private long cycleStart;
  private long probeWait;

  // The round trip being probed.
  private long probeRttDone;
  private boolean probeRttRound;

  /**
   * @param mss largest datagram, bytes
   * @param seed what spreads the probes of different connections in time
   */
  public Bbr(int mss, long seed) {
    this.mss = mss;
    random = seed | 1;
    restart();
  }

  private void restart() {
    path.reset();
    bounds.reset();
    state = State.STARTUP;
    acks = Acks.INIT;
    cwnd = initialWindow();
    priorCwnd = 0;
    recoveryStart = NEVER;
    rateFromRtt = false;
    idleRestart = false;
    everDelivered = false;
    probeSamples = false;
    probeRttDone = NEVER;
    // Section 4.6.2: as if the round trip took a millisecond, until one was measured.
    pacingRate = (long) (State.STARTUP.pacingGain * initialWindow() * 1_000);
  }

  // --- what happens on the connection

  @Override
  public void onPacketSent(long now, int bytes) {
    inFlight += bytes;
  }

  @Override
  public void onRestart(long now) {
    // Section 4.4.3.
    idleRestart = true;
    path.restartAggregation(now);
    if (state.isProbeBw()) {
      pacingRate = Math.max(1, (long) (PACING_MARGIN * bw()));
    } else if (state == State.PROBE_RTT) {
      checkProbeRttDone(now);
    }
  }

  @Override
  public void onAcked(long now, long sentTime, long bytes, boolean appLimited, RttEstimator rtt) {
    onDiscarded(bytes);
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
  public void onPacketLost(int bytes, long lostSince, long inFlightThen, boolean appLimited) {
    // Section 4.5.6.2: at which volume did the losses become too many?
    if (!probeSamples || lostSince <= inFlightThen * LOSS_THRESH) {
      return;
    }
    double before = inFlightThen - bytes;
    double lostBefore = lostSince - bytes;
    double prefix = (LOSS_THRESH * before - lostBefore) / (1 - LOSS_THRESH);
    tooHigh((long) (before + Math.max(0, prefix)), appLimited);
  }

  @Override
  public void onCongestionEvent(long now, long sentTime) {
    if (!inRecovery(sentTime)) {
      recoveryStart = now;
      bounds.save();
    }
  }

  @Override
  public void onEcn(long now, long sentTime) {
    // RFC 3168: a mark is answered as a loss is.
    bounds.onMark();
    if (probeSamples) {
      tooHigh(inFlight, false);
    }
    onCongestionEvent(now, sentTime);
  }

  @Override
  public void onPersistentCongestion(long now) {
    // RFC 9002 section 7.6.2; grows back by what is acknowledged.
    cwnd = 2L * mss;
    path.resetFull(0);
    recoveryStart = NEVER;
  }

  @Override
  public void onSpurious(long now) {
    bounds.undo();
    path.resetFull(0);
  }

  /** Section 4.2.3. */
  @Override
  public void onSample(long now, DeliveryRate s, RttEstimator rtt) {
    if (!s.hasSample()) {
      return;
    }
    everDelivered |= s.delivered() >= initialWindow();
    bounds.onSample(s);
    path.onRound(s);
    path.onRate(s);
    bounds.adaptLower(state.accelerates(), path.maxBw(), cwnd);
    path.onAggregation(now, s.newlyAcked(), bw(), cwnd);
    path.checkFull(s);
    checkStartup(now, s);
    if (state == State.DRAIN && inFlight <= inflight(1)) {
      enterDown(now, s);
    }
    cycle(now, s);
    path.onRtt(now, s.rtt());
    checkProbeRtt(now, s);
    bounds.advance(s);
    pace(rtt);
    setWindow(s);
  }

  // --- states

  private void checkStartup(long now, DeliveryRate s) {
    if (!path.fullReached()
        && bounds.lossRoundStart()
        && bounds.lossEvents() >= STARTUP_LOSSES
        && isTooHigh(s)) {
      // Section 4.3.1.3.
      path.declareFull();
      bounds.inflightHi(Math.max(inflight(1), bounds.inflightLatest()));
    }
    if (state == State.STARTUP && path.fullReached()) {
      state = State.DRAIN;
    }
  }

  private static boolean isTooHigh(DeliveryRate s) {
    return s.sampleLost() > s.sampleInFlight() * LOSS_THRESH;
  }

  private void tooHigh(long volume, boolean appLimited) {
    probeSamples = false;
    if (!appLimited) {
      bounds.inflightHi(Math.max(volume, (long) (BbrBounds.BETA * target())));
    }
    if (state == State.PROBE_UP) {
      // Takes effect with the ACK being processed.
      state = State.PROBE_DOWN;
      cycleStart = NEVER;
    }
  }

  private void adaptUpper(DeliveryRate s) {
    if (acks == Acks.STARTING && path.roundStart()) {
      acks = Acks.FEEDBACK;
    }
    if (acks == Acks.STOPPING && path.roundStart()) {
      probeSamples = false;
      acks = Acks.INIT;
      if (state.isProbeBw() && !s.sampleAppLimited()) {
        path.advanceCycle();
      }
    }
    if (isTooHigh(s)) {
      if (probeSamples) {
        tooHigh(s.sampleInFlight(), s.sampleAppLimited());
      }
      return;
    }
    bounds.raiseTo(s.sampleInFlight());
    if (state == State.PROBE_UP && windowUsed(s) && cwnd >= bounds.inflightHi()) {
      bounds.rise(s.newlyAcked(), mss);
    }
    if (state == State.PROBE_UP && path.roundStart()) {
      bounds.raiseSlope(cwnd, mss);
    }
  }

  private boolean windowUsed(DeliveryRate s) {
    return s.sampleInFlight() + 2L * mss >= cwnd;
  }

  /** Section 4.3.3.6. */
  private void cycle(long now, DeliveryRate s) {
    if (!path.fullReached()) {
      return;
    }
    adaptUpper(s);
    switch (state) {
      case PROBE_DOWN -> {
        if (cycleStart == NEVER) {
          enterDown(now, s);
        }
        if (!probeIfDue(now, s)
            && inFlight <= bounds.withHeadroom(minPipe())
            && inFlight <= inflight(1)) {
          state = State.PROBE_CRUISE;
        }
      }
      case PROBE_CRUISE -> probeIfDue(now, s);
      case PROBE_REFILL -> {
        if (path.roundStart()) {
          probeSamples = true;
          enterUp(now, s);
        }
      }
      case PROBE_UP -> {
        if (windowUsed(s) && cwnd >= bounds.inflightHi()) {
          // Held back by the bound: a plateau would say nothing.
          path.resetFull(Math.max(0, s.rate()));
        } else if (path.fullNow()) {
          enterDown(now, s);
        }
      }
      default -> {}
    }
  }

  private boolean probeIfDue(long now, DeliveryRate s) {
    long reno = Math.min(target() / mss, RENO_ROUNDS);
    if (now <= cycleStart + probeWait && path.roundsSinceProbe() < reno) {
      return false;
    }
    bounds.resetLower();
    bounds.resetProbe();
    acks = Acks.REFILLING;
    path.startRound(s.delivered());
    state = State.PROBE_REFILL;
    return true;
  }

  private void enterUp(long now, DeliveryRate s) {
    acks = Acks.STARTING;
    path.startRound(s.delivered());
    path.resetFull(Math.max(0, s.rate()));
    cycleStart = now;
    state = State.PROBE_UP;
    bounds.raiseSlope(cwnd, mss);
  }

  private void enterDown(long now, DeliveryRate s) {
    startCycle(now);
    path.startRound(s.delivered());
    state = State.PROBE_DOWN;
  }

  private void startCycle(long now) {
    bounds.resetSignals();
    bounds.stopRising();
    // Section 4.3.3.5.3: at random, so that flows do not probe together.
    path.roundsSinceProbe((int) (random() & 1));
    probeWait = LEAST_PROBE_WAIT + Math.floorMod(random(), SECOND);
    cycleStart = now;
    acks = Acks.STOPPING;
  }

  private long random() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return random;
  }

  /** Section 4.3.4.4. */
  private void checkProbeRtt(long now, DeliveryRate s) {
    if (state != State.PROBE_RTT && path.probeRttExpired() && !idleRestart) {
      priorCwnd = Math.max(cwnd, inRecovery(now) ? priorCwnd : 0);
      state = State.PROBE_RTT;
      probeRttDone = NEVER;
      acks = Acks.STOPPING;
      path.startRound(s.delivered());
    }
    if (state == State.PROBE_RTT) {
      s.onAppLimited(inFlight);
      if (probeRttDone == NEVER && inFlight <= probeRttWindow()) {
        probeRttDone = now + PROBE_RTT_TIME;
        probeRttRound = false;
        path.startRound(s.delivered());
      } else if (probeRttDone != NEVER) {
        probeRttRound |= path.roundStart();
        if (probeRttRound) {
          checkProbeRttDone(now);
        }
      }
    }
    idleRestart = false;
  }

  /** Section 4.3.4.5. */
  private void checkProbeRttDone(long now) {
    if (probeRttDone == NEVER || now <= probeRttDone) {
      return;
    }
    path.scheduleProbeRtt(now);
    cwnd = Math.max(cwnd, priorCwnd);
    bounds.resetLower();
    if (!path.fullReached()) {
      state = State.STARTUP;
      return;
    }
    startCycle(now);
    state = State.PROBE_CRUISE;
  }

  // --- what comes of it

  private long bw() {
    return bounds.bound(path.maxBw());
  }

  private long minPipe() {
    return (long) MIN_PIPE * mss;
  }

  private long volume(double gain) {
    return path.knowsRtt() ? path.volume(gain * bw()) : initialWindow();
  }

  private long quantum() {
    return Math.max(Math.min(pacingRate / 1_000, QUANTUM_MAX), 2L * mss);
  }

  /** Section 4.6.4.2. */
  private long inflight(double gain) {
    long most = path.knowsRtt() ? path.volume(gain * path.maxBw()) : initialWindow();
    return atLeastPipe(most);
  }

  private long atLeastPipe(long bytes) {
    return Math.max(Math.max(bytes, 3 * quantum()), minPipe());
  }

  private long target() {
    return Math.min(volume(1), cwnd);
  }

  private long probeRttWindow() {
    return Math.max(volume(State.PROBE_RTT.cwndGain), minPipe());
  }

  private void pace(RttEstimator rtt) {
    if (!rateFromRtt && rtt.hasSample()) {
      rateFromRtt = true;
      double nominal = initialWindow() * NANOS / Math.max(1, rtt.smoothed());
      pacingRate = Math.max(1, (long) (State.STARTUP.pacingGain * nominal));
    }
    long rate = (long) (state.pacingGain * bw() * PACING_MARGIN);
    if (path.fullReached() || rate > pacingRate) {
      pacingRate = Math.max(1, rate);
    }
  }

  /** Sections 4.6.4.5 to 4.6.4.7. */
  private void setWindow(DeliveryRate s) {
    long most = atLeastPipe(volume(state.cwndGain) + path.extraAcked());
    if (path.fullReached()) {
      cwnd = Math.min(cwnd + s.newlyAcked(), most);
    } else if (cwnd < most || !everDelivered) {
      cwnd += s.newlyAcked();
    }
    cwnd = Math.max(cwnd, minPipe());
    if (state == State.PROBE_RTT) {
      cwnd = Math.min(cwnd, probeRttWindow());
    }
    long bound = bounds.inflightLo();
    if (state == State.PROBE_CRUISE || state == State.PROBE_RTT) {
      bound = Math.min(bound, bounds.withHeadroom(minPipe()));
    } else if (state.isProbeBw()) {
      bound = Math.min(bound, bounds.inflightHi());
    }
    cwnd = Math.min(cwnd, Math.max(Math.min(bound, cap), minPipe()));
  }

  // --- figures

  @Override
  public void mss(int bytes) {
    boolean untouched = cwnd == initialWindow() && !path.knowsRtt();
    mss = bytes;
    cwnd = untouched ? initialWindow() : Math.max(cwnd, 2L * bytes);
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
    return bounds.inflightHi();
  }

  @Override
  public long bytesInFlight() {
    return inFlight;
  }

  @Override
  public long initialWindow() {
    return Math.max(Math.min(10L * mss, 14_720), 2L * mss);
  }

  @Override
  public boolean inSlowStart() {
    return state == State.STARTUP;
  }

  @Override
  public boolean inRecovery(long sentTime) {
    return recoveryStart != NEVER && sentTime <= recoveryStart;
  }

  @Override
  public long pacingRate(RttEstimator rtt) {
    return pacingRate;
  }

  @Override
  public String toString() {
    return "BBR " + state + ", " + bw() + " bytes/s, window " + cwnd;
  }
}
