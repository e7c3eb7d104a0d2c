package dev.quic.dataplane.core.path;

import dev.quic.dataplane.core.common.Limits;

/**
 * Packetization layer path MTU discovery on one path (RFC 8899, RFC 9000 section 14.3). From the
 * base of 1200 bytes the size that most likely passes is tried at once, then the limit. If that
 * does not arrive, one is tried that is hardly larger than what did: mostly there is nothing in
 * between to search for. If there is, the size is found by halves, three probes each. Full-size
 * packets that are lost while smaller ones arrive mean that the path shrank: back to the base, and
 * another search, later each time. Sizes are UDP payload bytes, times nanoseconds. Needs no timer:
 * a search that is due goes on with the next thing sent.
 */
public final class MtuSearch {
  /** Not started: only the base is used. */
  public static final int DISABLED = 0;

  /** The base is to be acknowledged first, after a black hole. */
  public static final int BASE = 1;

  /** Sizes are tried. */
  public static final int SEARCHING = 2;

  /** The size is known; it is tried again to raise it after a while. */
  public static final int COMPLETE = 3;

  private static final int FLOOR = Path.BASE_MTU;

  private int state = DISABLED;
  private int mtu = FLOOR;
  private int first = FLOOR;
  private int limit = FLOOR;
  private int tooBig = FLOOR + 1;
  private int tries;
  private long probePn = -1;
  private int probeSize;
  private long due;
  private long raise = Limits.MTU_RAISE_NANOS;

  // Black hole detection.
  private long firstPn = Long.MAX_VALUE;
  private long basePn;
  private long bigAcked = -1;
  private long smallAcked = -1;
  private long lowestLost = Long.MAX_VALUE;
  private int lostBig;
  private int holes;
  private long lastHole = Long.MIN_VALUE / 2;

  /** Starts over, as on a path never used. */
  public void reset() {
    state = DISABLED;
    mtu = FLOOR;
    first = FLOOR;
    limit = FLOOR;
    firstPn = Long.MAX_VALUE;
    holes = 0;
    lastHole = Long.MIN_VALUE / 2;
    bigAcked = -1;
    smallAcked = -1;
    forgetLosses();
    forgetProbe();
  }

  /**
   * Begins to search.
   *
   * @param range what interface, configuration and peer allow
   * @param nextPn the next packet number of the 1-RTT space; those before went another path
   * @param raiseAfter time until a path that carried less than the limit is tried again
   */
  public void start(MtuRange range, long nextPn, long raiseAfter) {
    reset();
    allow(range);
    firstPn = nextPn;
    raise = raiseAfter;
    due = Long.MIN_VALUE;
    search();
  }

  private void allow(MtuRange range) {
    first = Math.max(FLOOR, range.first());
    limit = Math.max(mtu, range.largest());
  }

  /** Whether a size found long ago is to be asked about again, with {@link #again}. */
  public boolean raiseDue(long now) {
    return state == COMPLETE && now >= due;
  }

  /**
   * Tries to find a larger size than the one in use.
   *
   * @param range what is allowed now; less than the size in use does not make that smaller
   */
  public void again(MtuRange range, long now) {
    allow(range);
    due = now + (mtu < limit ? 0 : raise);
    search();
  }

  private void search() {
    tooBig = limit + 1;
    tries = 0;
    state = mtu >= limit ? COMPLETE : SEARCHING;
  }

  public int state() {
    return state;
  }

  /** Largest datagram to send. */
  public int mtu() {
    return mtu;
  }

  /** What a search could find at most. */
  public int limit() {
    return limit;
  }

  /** Whether a larger size may be found soon. */
  public boolean searching() {
    return state == SEARCHING;
  }

  /** Size of the probe to send now; 0 for none. */
  public int probe(long now) {
    return state == SEARCHING && probePn < 0 && now >= due ? candidate() : 0;
  }

  private int candidate() {
    if (mtu < first && first < tooBig) {
      return first;
    }
    if (tooBig > limit) {
      return limit;
    }
    boolean usual = mtu == first && tooBig - mtu > Limits.MTU_GRAIN;
    return usual ? mtu + Limits.MTU_GRAIN : mtu + (tooBig - mtu) / 2;
  }

  public void onProbeSent(long pn, int bytes) {
    probePn = pn;
    probeSize = bytes;
    tries++;
  }

  private void forgetProbe() {
    probePn = -1;
    probeSize = 0;
    tries = 0;
  }

  /**
   * A probe was acknowledged.
   *
   * @return whether the size in use rose
   */
  public boolean onProbeAcked(long pn, long now) {
    if (pn != probePn) {
      return false;
    }
    int size = probeSize;
    forgetProbe();
    if (state != SEARCHING || size <= mtu) {
      return false;
    }
    mtu = size;
    forgetLosses();
    settle(now);
    return true;
  }

  /** A probe was lost; the last of three says that the size does not pass. */
  public void onProbeLost(long pn, long now) {
    if (pn != probePn) {
      return;
    }
    probePn = -1;
    if (tries >= Limits.MTU_PROBES) {
      refuse(probeSize, now);
    }
  }

  /** The system itself refused to send a probe of this size. */
  public void refuse(int size, long now) {
    forgetProbe();
    if (size <= tooBig && size > mtu) {
      tooBig = size;
      settle(now);
    }
  }

  private void settle(long now) {
    if (mtu >= limit || tooBig <= limit && tooBig - mtu <= Limits.MTU_GRAIN) {
      state = COMPLETE;
      due = now + raise;
    }
  }

  /** A packet that was no probe was acknowledged. */
  public void onAcked(long pn, int bytes) {
    if (pn < firstPn) {
      return;
    }
    if (bytes > FLOOR) {
      if (pn > bigAcked) {
        bigAcked = pn;
        forgetLosses();
      }
    } else {
      smallAcked = Math.max(smallAcked, pn);
    }
    if (state == BASE && pn >= basePn) {
      search();
    }
  }

  private void forgetLosses() {
    lostBig = 0;
    lowestLost = Long.MAX_VALUE;
  }

  /**
   * A packet that was no probe was lost.
   *
   * @param nextPn the next number of the space
   * @return whether the path is found to have shrunk
   */
  public boolean onLost(long pn, int bytes, long nextPn, long now) {
    if (mtu == FLOOR || bytes <= FLOOR || pn < firstPn || pn < bigAcked) {
      return false;
    }
    lostBig++;
    lowestLost = Math.min(lowestLost, pn);
    if (lostBig < Limits.MTU_HOLE_LOSSES || smallAcked < lowestLost) {
      return false;
    }
    blackHole(nextPn, now);
    return true;
  }

  /**
   * Repeated probe timeouts: nothing passes, and perhaps the size is why.
   *
   * @return whether the size in use fell
   */
  public boolean onSilence(long nextPn, long now) {
    if (mtu == FLOOR) {
      return false;
    }
    blackHole(nextPn, now);
    return true;
  }

  /** Back to the base; the first search after it is due at once, further ones later and later. */
  public void blackHole(long nextPn, long now) {
    if (now - lastHole > Limits.MTU_HOLE_MEMORY_NANOS) {
      holes = 0;
    }
    lastHole = now;
    long wait = holes == 0 ? 0 : Limits.MTU_HOLE_WAIT_NANOS << Math.min(holes - 1, 16);
    holes++;
    due = now + Math.min(wait, Limits.MTU_RAISE_NANOS);
    mtu = FLOOR;
    state = BASE;
    basePn = nextPn;
    forgetLosses();
    forgetProbe();
  }
}
