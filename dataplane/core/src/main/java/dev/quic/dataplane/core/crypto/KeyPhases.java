package dev.quic.dataplane.core.crypto;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;

import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * The 1-RTT keys of a connection, both directions, with key update (RFC 9001 section 6). The next
 * receive key always exists beforehand, so that an update takes no longer to open than another
 * packet (section 6.3); the previous one is kept until {@link #discardAt}. Confined to one thread.
 */
public final class KeyPhases implements Destroyable {
  /** Answer of {@link #open}: not authentic; drop the packet. */
  public static final int NOT_AUTHENTIC = -1;

  /** Answer of {@link #open}: close with KEY_UPDATE_ERROR. */
  public static final int KEY_UPDATE_ERROR = -2;

  /** The key phase bit of an unprotected short header. */
  public static final int PHASE_BIT = 0x04;

  private static final long NEVER = Long.MAX_VALUE;

  private @Nullable PacketProtection send;
  private @Nullable PacketProtection receive;
  private @Nullable PacketProtection receiveNext;
  private @Nullable PacketProtection receiveOld;
  private int sendPhase;
  private int receivePhase;
  private long firstSent = NEVER;
  private long lowestReceived = NEVER;
  private long highestOld = -1;
  private boolean acknowledged;
  private long discardAt = NEVER;
  private boolean updated;
  private boolean peerUpdated;
  private boolean destroyed;

  /** Takes the first send key. */
  public void installSend(PacketProtection key) {
    send = key;
  }

  /** Takes the first receive key, in place of one that came before; the caller wipes that. */
  public void installReceive(PacketProtection key) {
    PacketProtection next = receiveNext;
    if (next != null) {
      next.destroy();
    }
    receive = key;
    receiveNext = key.update();
  }

  /** The key to seal with; null before it is installed. */
  public @Nullable PacketProtection send() {
    return send;
  }

  /** The key whose header protection serves all received packets; null before it is installed. */
  public @Nullable PacketProtection receive() {
    // Header protection stays with the first generation that is alive; update() shares it.
    return receive;
  }

  /** What goes into the key phase bit of headers to be sealed: 0 or {@link #PHASE_BIT}. */
  public int phaseBit() {
    return sendPhase == 0 ? 0 : PHASE_BIT;
  }

  /** Present send phase, 0 or 1. */
  public int phase() {
    return sendPhase;
  }

  /** Notes the numbers of packets sealed with {@link #send}. */
  public void onSent(long firstPn) {
    if (firstSent == NEVER) {
      firstSent = firstPn;
    }
  }

  /** Notes an acknowledged 1-RTT number: one of this phase confirms the update. */
  public void onAcked(long pn) {
    if (pn >= firstSent) {
      acknowledged = true;
    }
  }

  /** Whether a packet of this phase was acknowledged. */
  public boolean acknowledged() {
    return acknowledged;
  }

  /**
   * Starts an update (the KEY_UPDATE option, or a usage limit). The caller makes sure that the
   * handshake is confirmed (RFC 9001 section 6.1).
   *
   * @return 0; -EINVAL while an update is pending: no packet of this phase was acknowledged yet, or
   *     the peer has not followed, or the keys before it are still kept; -EAGAIN without keys
   */
  public int initiate() {
    PacketProtection s = send;
    if (s == null || receive == null) {
      return -EAGAIN;
    }
    if (!acknowledged || sendPhase != receivePhase || receiveOld != null) {
      return -EINVAL;
    }
    rollSend(s);
    return 0;
  }

  private void rollSend(PacketProtection s) {
    send = s.update();
    s.destroy();
    sendPhase ^= 1;
    firstSent = NEVER;
    acknowledged = false;
  }

  /**
   * Opens an unprotected 1-RTT packet with the key its phase bit and number ask for.
   *
   * @param pn its full number
   * @param now ns
   * @param retain how long the old key is kept after an update, ns: three PTOs (RFC 9001 section
   *     6.5)
   * @return plaintext length, {@link #NOT_AUTHENTIC} or {@link #KEY_UPDATE_ERROR}
   */
  public int open(
      byte[] buf, int start, int pnOff, int pnLen, int end, long pn, long now, long retain) {
    PacketProtection current = receive;
    if (current == null) {
      return NOT_AUTHENTIC;
    }
    int phase = (buf[start] & PHASE_BIT) == 0 ? 0 : 1;
    if (phase == receivePhase) {
      int n = current.open(buf, start, pnOff, pnLen, end, pn);
      if (n < 0) {
        return NOT_AUTHENTIC;
      }
      if (pn < highestOld) {
        // RFC 9001 section 6.4: a newer key on a lower number than an older key.
        return KEY_UPDATE_ERROR;
      }
      lowestReceived = Math.min(lowestReceived, pn);
      return n;
    }
    if (lowestReceived != NEVER && pn < lowestReceived) {
      return openOld(buf, start, pnOff, pnLen, end, pn);
    }
    return openNext(current, buf, start, pnOff, pnLen, end, pn, now, retain);
  }

  private int openOld(byte[] buf, int start, int pnOff, int pnLen, int end, long pn) {
    PacketProtection old = receiveOld;
    PacketProtection tried = old != null ? old : receiveNext;
    if (tried == null) {
      return NOT_AUTHENTIC;
    }
    int n = tried.open(buf, start, pnOff, pnLen, end, pn);
    if (n < 0 || old == null) {
      // RFC 9001 section 6.3: with no old key left another is tried, to take the same time.
      countFailure();
      return NOT_AUTHENTIC;
    }
    highestOld = Math.max(highestOld, pn);
    return n;
  }

  private int openNext(
      PacketProtection current,
      byte[] buf,
      int start,
      int pnOff,
      int pnLen,
      int end,
      long pn,
      long now,
      long retain) {
    PacketProtection next = receiveNext;
    if (next == null) {
      return NOT_AUTHENTIC;
    }
    int n = next.open(buf, start, pnOff, pnLen, end, pn);
    if (n < 0) {
      countFailure();
      return NOT_AUTHENTIC;
    }
    boolean ours = sendPhase != receivePhase;
    if (!ours && updated && firstSent == NEVER) {
      // RFC 9001 section 6.2: a second update before anything of ours confirmed the first one.
      return KEY_UPDATE_ERROR;
    }
    updated = true;
    PacketProtection older = receiveOld;
    if (older != null) {
      older.destroy();
    }
    receiveOld = current;
    // RFC 9001 section 6.6: over all keys; the present one has counted for all of them.
    next.addFailed(current.failed() - next.failed());
    receive = next;
    receiveNext = next.update();
    receivePhase ^= 1;
    highestOld = -1;
    lowestReceived = pn;
    discardAt = now + retain;
    PacketProtection s = send;
    if (!ours && s != null) {
      // RFC 9001 section 6.2: answer in the new phase before acknowledging.
      rollSend(s);
      peerUpdated = true;
    }
    return n;
  }

  /** The integrity limit spans all generations: keep the count with the present key. */
  private void countFailure() {
    PacketProtection r = receive;
    if (r != null) {
      r.addFailed(1);
    }
  }

  /** When {@link #discardOld} is due, ns; {@link Long#MAX_VALUE} for never. */
  public long discardAt() {
    return discardAt;
  }

  /** Drops the previous receive key. */
  public void discardOld() {
    PacketProtection old = receiveOld;
    if (old != null) {
      old.destroy();
      receiveOld = null;
    }
    discardAt = NEVER;
  }

  /** Whether the peer started an update since this was last asked: EVENT_KEY_UPDATE. */
  public boolean pollPeerUpdated() {
    boolean was = peerUpdated;
    peerUpdated = false;
    return was;
  }

  /** The send key nears its confidentiality limit: {@link #initiate} soon. */
  public boolean wantsUpdate() {
    PacketProtection s = send;
    return s != null && s.wantsUpdate();
  }

  /** The connection must stop: a usage limit is reached (AEAD_LIMIT_REACHED). */
  public boolean limitReached() {
    PacketProtection s = send;
    PacketProtection r = receive;
    return s != null && s.exhausted() || r != null && r.forged();
  }

  @Override
  public void destroy() {
    destroyed = true;
    for (PacketProtection p : new @Nullable PacketProtection[] {send, receive, receiveNext}) {
      if (p != null) {
        p.destroy();
      }
    }
    discardOld();
    send = null;
    receive = null;
    receiveNext = null;
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }
}
