package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.timer.TimerTable;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a connection: installing, discarding (RFC 9001 section 4.9) and updating them (RFC
 * 9001 section 6). Current keys live in the {@link Space}s; here are the generations around them.
 */
final class Keys {
  private final Conn c;
  private final @Nullable QuicCipher[] suites = new QuicCipher[QuicUapi.QUIC_CRYPTO_MAX];
  private @Nullable PacketProtection earlyRx;
  private @Nullable PacketProtection previousRx;
  private @Nullable PacketProtection nextRx;
  private boolean sendPhase;
  private boolean recvPhase;

  // Lowest number received in the present phase, and first number sent in it.
  private long phaseStart = Long.MAX_VALUE;
  private long sendStart;
  private boolean updatePending;

  Keys(Conn c) {
    this.c = c;
  }

  /** Derives Initial keys from the client's choice of destination id. */
  void initial(byte[] dcid) {
    Space s = c.spaces[Conn.INITIAL];
    s.dropKeys();
    s.tx = InitialSecrets.protection(c.version, dcid, !c.server);
    s.rx = InitialSecrets.protection(c.version, dcid, c.server);
  }

  /**
   * Installs a traffic secret: the CRYPTO_SECRET option.
   *
   * @return 0 or a negated errno
   */
  int install(long now, int level, boolean send, int type, byte[] secret) {
    QuicCipher suite = suites[level];
    if (suite == null) {
      suite = QuicCipher.of(type);
      if (suite == null) {
        return -Errno.EINVAL;
      }
      suites[level] = suite;
    }
    if (c.space(level).discarded) {
      return -Errno.EINVAL;
    }
    put(level, send, PacketProtection.of(suite, c.version, secret));
    c.sink.secretInstalled(now, c.cookie, level, send, suite.number());
    return 0;
  }

  private void put(int level, boolean send, PacketProtection p) {
    Space s = c.space(level);
    if (level == Conn.EARLY) {
      // 0-RTT is read, for a client that sends it; this side never sends any.
      if (!send) {
        destroy(earlyRx);
        earlyRx = p;
      } else {
        p.destroy();
      }
    } else if (send) {
      destroy(s.tx);
      s.tx = p;
      if (level == Conn.HANDSHAKE) {
        c.recovery.handshakeKeys();
      }
    } else {
      destroy(s.rx);
      s.rx = p;
      if (level == Conn.APP) {
        destroy(nextRx);
        nextRx = p.update();
      }
    }
  }

  private static void destroy(@Nullable PacketProtection p) {
    if (p != null) {
      p.destroy();
    }
  }

  /** The key packets of a level are unprotected with; null when it does not exist (any more). */
  @Nullable PacketProtection rx(int level) {
    return level == Conn.EARLY ? earlyRx : c.spaces[level].rx;
  }

  /** Whether a key of this level may still be installed. */
  boolean mayCome(int level) {
    if (level == Conn.EARLY) {
      return c.server && earlyRx == null && c.spaces[Conn.APP].rx == null;
    }
    Space s = c.spaces[level];
    return !s.discarded && s.rx == null;
  }

  boolean hasTx(int level) {
    return c.space(level).tx != null;
  }

  /** Whether both 1-RTT keys exist. */
  boolean appComplete() {
    return c.spaces[Conn.APP].tx != null && c.spaces[Conn.APP].rx != null;
  }

  /** Key phase bit to send. */
  boolean sendPhase() {
    return sendPhase;
  }

  /**
   * Opens a 1-RTT packet, following the peer's key update (RFC 9001 section 6.3).
   *
   * @return plaintext length or -1
   */
  int openApp(long now, byte[] buf, int start, int pnOff, int pnLen, int end, long pn) {
    Space s = c.spaces[Conn.APP];
    PacketProtection current = s.rx;
    if (current == null) {
      return -1;
    }
    boolean phase = (buf[start] & 0x04) != 0;
    if (phase == recvPhase) {
      int n = current.open(buf, start, pnOff, pnLen, end, pn);
      if (n >= 0 && pn < phaseStart) {
        phaseStart = pn;
      }
      return n;
    }
    PacketProtection old = previousRx;
    if (old != null && pn < phaseStart) {
      return old.open(buf, start, pnOff, pnLen, end, pn);
    }
    PacketProtection next = nextRx;
    if (next == null || !c.life.complete()) {
      return -1;
    }
    int n = next.open(buf, start, pnOff, pnLen, end, pn);
    if (n < 0) {
      current.addFailed(1);
    } else {
      rotate(now, pn, current, next);
    }
    return n;
  }

  private void rotate(long now, long pn, PacketProtection current, PacketProtection next) {
    Space s = c.spaces[Conn.APP];
    destroy(previousRx);
    previousRx = current;
    s.rx = next;
    nextRx = next.update();
    recvPhase = !recvPhase;
    phaseStart = pn;
    updatePending = false;
    // RFC 9001 section 6.5: old keys stay for reordered packets, no longer than three PTO.
    c.timers.set(TimerTable.KEY_DISCARD, now + 3 * c.recovery.pto());
    if (sendPhase != recvPhase) {
      updateSend();
      c.sock.notes().keyUpdate(recvPhase);
    }
  }

  private void updateSend() {
    Space s = c.spaces[Conn.APP];
    PacketProtection tx = s.tx;
    if (tx != null) {
      s.tx = tx.update();
      tx.destroy();
      sendPhase = !sendPhase;
      sendStart = s.pn.next();
    }
  }

  /** The KEY_UPDATE option. */
  int update() {
    boolean acked = c.spaces[Conn.APP].pn.largestAcked() >= sendStart;
    // RFC 9001 sections 6.1 and 6.5: confirmed, the present phase acknowledged, old keys gone.
    if (updatePending || previousRx != null || !acked || !c.life.confirmed()) {
      return -Errno.EINVAL;
    }
    updatePending = true;
    updateSend();
    return 0;
  }

  /** Updates by itself before a key is worn out (RFC 9001 section 6.6). */
  void refresh() {
    PacketProtection tx = c.spaces[Conn.APP].tx;
    if (tx != null && tx.wantsUpdate()) {
      update();
    }
  }

  /** Whether the connection must end for lack of usable keys (RFC 9001 section 6.6). */
  boolean wornOut() {
    PacketProtection tx = c.spaces[Conn.APP].tx;
    PacketProtection rx = c.spaces[Conn.APP].rx;
    return tx != null && tx.exhausted() || rx != null && rx.forged();
  }

  /** The KEY_DISCARD timer. */
  void discardPrevious() {
    destroy(previousRx);
    previousRx = null;
  }

  /** Discards a level's keys and all that belongs to them. */
  void discard(long now, int level) {
    Space s = c.spaces[level];
    if (s.discarded) {
      return;
    }
    s.discard();
    c.recovery.discard(level);
    c.sink.secretDiscarded(now, c.cookie, level);
  }

  /** Wipes everything. */
  void destroy() {
    for (Space s : c.spaces) {
      s.discarded = true;
      s.dropKeys();
    }
    destroy(earlyRx);
    destroy(previousRx);
    destroy(nextRx);
    earlyRx = null;
    previousRx = null;
    nextRx = null;
  }
}
