package dev.quic.dataplane.core.outqueue;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;

/**
 * The probe timeout of a connection, RFC 9002 section 6.2: when it is due, how often it came in a
 * row, and what its probes repeat. What it needs to know of the handshake is told to it. Spaces are
 * named by their {@code QUIC_CRYPTO_*} level.
 */
public final class ProbeTimeout {
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  private static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  private static final long NEVER = Long.MAX_VALUE;

  private final SentPackets[] sent;
  private final RttEstimator rtt;
  private final FrameFate fate;

  private final long[] lastEliciting;
  private final int[] probes;
  private final boolean[] discarded;

  /** Behind what the last timeout's probes carried: the next one's go on there. */
  private final long[] repeated;

  /** Handshake data waits to be sent (again). */
  private final boolean[] waiting;

  private int count;
  private long maxAckDelay = 25_000_000;
  private boolean confirmed;
  private boolean peerValidated;
  private boolean handshakeKeys;
  private boolean flightComplete;
  private long lastActivity = NEVER;

  ProbeTimeout(SentPackets[] sent, RttEstimator rtt, FrameFate fate) {
    this.sent = sent;
    this.rtt = rtt;
    this.fate = fate;
    lastEliciting = new long[sent.length];
    Arrays.fill(lastEliciting, NEVER);
    probes = new int[sent.length];
    discarded = new boolean[sent.length];
    repeated = new long[sent.length];
    waiting = new boolean[sent.length];
  }

  // What it is told.

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

  boolean confirmed() {
    return confirmed;
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

  /**
   * Whether a flush left handshake data of this space unsent. Such a space is probed even with
   * nothing in flight: the window that holds it back may be full of 1-RTT packets that no timer
   * watches before the handshake is confirmed, or of another space's probes.
   */
  public void waiting(int level, boolean unsent) {
    waiting[level] = unsent;
  }

  /** An ack-eliciting packet left that counts as in flight. */
  void onSent(int level, long now) {
    lastEliciting[level] = now;
    lastActivity = now;
    if (probes[level] > 0) {
      probes[level]--;
    }
  }

  /** Something new was acknowledged. */
  void onAcked(long now) {
    lastActivity = now;
    // RFC 9002 section 6.2.1: a client does not reset the backoff before its address is validated.
    if (peerValidated) {
      count = 0;
    }
  }

  /** Keys of a space were discarded (RFC 9002 section 6.4). */
  void onDiscarded(int level) {
    discarded[level] = true;
    waiting[level] = false;
  }

  /** Nothing of a space is under way any more. */
  void onEmptied(int level) {
    lastEliciting[level] = NEVER;
    probes[level] = 0;
  }

  /** The connection goes by another path, or begins again: timeouts so far are over. */
  public void restart() {
    count = 0;
  }

  // What it tells.

  /** Timeouts in a row. */
  public int count() {
    return count;
  }

  /** The period without backoff, ns. */
  public long period() {
    return rtt.pto(confirmed ? maxAckDelay : 0);
  }

  /** Probe packets this space should still send, whatever the window says. */
  public int probes(int level) {
    return probes[level];
  }

  /** When a packet of this space last asked for an acknowledgement; Long.MAX_VALUE for never. */
  public long lastEliciting(int level) {
    return lastEliciting[level];
  }

  /** When it is due; Long.MAX_VALUE for never. */
  long due() {
    if (noneInFlight() && !anyWaiting()) {
      // RFC 9002 section 6.2.2.1: a client must probe, or the server may be stuck at its limit. It
      // may be there again after it acknowledged Handshake packets, when our address has changed.
      return peerValidated && flightComplete || lastActivity == NEVER
          ? NEVER
          : lastActivity + (period(INITIAL) << backoff());
    }
    long at = NEVER;
    for (int level : LossRecovery.ORDER) {
      long since = base(level);
      if (since != NEVER) {
        at = Math.min(at, since + (period(level) << backoff()));
      }
    }
    return at;
  }

  private int backoff() {
    return Math.min(count, Limits.PTO_BACKOFF);
  }

  /**
   * A space's period without backoff. Until the handshake is confirmed the peer's TLS is at work,
   * perhaps in another process: a round trip of its packets alone says nothing of that, and probes
   * that come too early cost each side more than the wait.
   */
  private long period(int level) {
    long usual = rtt.pto(level == APP ? maxAckDelay : 0);
    return confirmed ? usual : Math.max(usual, Limits.HANDSHAKE_PTO);
  }

  /** What a space's period counts from; NEVER when it has none. */
  private long base(int level) {
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
        && sent[INITIAL].eliciting() == 0
        && sent[HANDSHAKE].eliciting() == 0;
  }

  // What it does.

  /** It came. */
  void fire(long now) {
    probe(now);
    count++;
    lastActivity = now;
  }

  private void probe(long now) {
    if (noneInFlight() && !anyWaiting()) {
      int level = handshakeKeys && !discarded[HANDSHAKE] ? HANDSHAKE : INITIAL;
      probes[discarded[level] ? APP : level] = 1;
      return;
    }
    for (int level : LossRecovery.ORDER) {
      long since = base(level);
      if (since == NEVER) {
        continue;
      }
      // RFC 9002 section 6.2.4: spaces with data to send go along with the one that timed out.
      long at = since + (period(level) << backoff());
      if (at <= now || waiting[level]) {
        // Should the probe not be sent after all, the next timeout is later even so.
        lastEliciting[level] = now;
        probes[level] = 2;
        repeat(level, count == 0 ? 0 : repeated[level]);
      }
    }
  }

  /** Queues frames of two packets again, the oldest from a number on: what probes carry. */
  private void repeat(int level, long from) {
    repeated[level] = sent[level].repeat(level, from, 2, fate);
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
}
