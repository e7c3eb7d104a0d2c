package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.KeyPhases;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.frame.TransportParams;
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
  private @Nullable PacketProtection earlyTx;
  private final KeyPhases phases = new KeyPhases();
  private byte[] initialId = new byte[0];

  Keys(Conn c) {
    this.c = c;
  }

  /** Derives Initial keys from the client's choice of destination id. */
  void initial(byte[] dcid) {
    Space s = c.spaces[Conn.INITIAL];
    s.dropKeys();
    initialId = dcid;
    InitialSecrets.Both both = InitialSecrets.both(c.net.aeads(), c.version, dcid);
    s.tx = c.server ? both.server() : both.client();
    s.rx = c.server ? both.client() : both.server();
  }

  /** The destination id that Initial keys are derived from. */
  byte[] initialId() {
    return initialId;
  }

  /** Replaces the Initial keys by another version's; returns the receive key so far. */
  @Nullable PacketProtection moveInitial(QuicVersion to) {
    Space s = c.spaces[Conn.INITIAL];
    PacketProtection before = s.rx;
    s.rx = null;
    s.dropKeys();
    s.tx = InitialSecrets.protection(c.net.aeads(), to, initialId, !c.server);
    s.rx = InitialSecrets.protection(c.net.aeads(), to, initialId, c.server);
    return before;
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
    QuicVersion labels = c.versions.schedule(level);
    put(
        level,
        send,
        level == Conn.APP && unprotected()
            ? PacketProtection.none(c.net.aeads(), suite, labels, secret)
            : PacketProtection.of(c.net.aeads(), suite, labels, secret));
    c.sink.secretInstalled(now, c.cookie, level, send, suite.number());
    if (level == Conn.EARLY && send != c.server) {
      c.early.onKey(now);
    }
    return 0;
  }

  /** Whether both sides want 1-RTT packets without protection: Linux's disable_1rtt_encryption. */
  private boolean unprotected() {
    TransportParams peer = c.remote;
    return peer != null && peer.disable1rttEncryption && c.local.disable1rttEncryption;
  }

  /** Bytes behind the packets of a level, which is APP also for what goes as 0-RTT. */
  int tag(int level) {
    PacketProtection own = c.space(level).tx;
    return own == null ? PacketProtection.TAG : own.tag();
  }

  private void put(int level, boolean send, PacketProtection p) {
    Space s = c.space(level);
    if (level == Conn.EARLY) {
      putEarly(send, p);
    } else if (level == Conn.APP) {
      destroy(send ? phases.send() : phases.receive());
      if (send) {
        phases.installSend(p);
      } else {
        phases.installReceive(p);
      }
      mirror();
    } else if (send) {
      destroy(s.tx);
      s.tx = p;
      c.pto.handshakeKeys();
    } else {
      destroy(s.rx);
      s.rx = p;
    }
  }

  /** RFC 9001 section 5.6: only clients send 0-RTT; and not once there are 1-RTT keys. */
  private void putEarly(boolean send, PacketProtection p) {
    boolean late = c.early.decision() == Early.REJECTED || send && hasTx(Conn.APP);
    if (send == c.server || late) {
      p.destroy();
    } else if (send) {
      destroy(earlyTx);
      earlyTx = p;
    } else {
      destroy(earlyRx);
      earlyRx = p;
    }
  }

  /** The space shows the present generation. */
  private void mirror() {
    c.spaces[Conn.APP].tx = phases.send();
    c.spaces[Conn.APP].rx = phases.receive();
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
      return earlyRx == null && c.early.mayCome();
    }
    Space s = c.spaces[level];
    return !s.discarded && s.rx == null;
  }

  /** The key for packets of a space: of 0-RTT until there is one of 1-RTT; null for none. */
  @Nullable PacketProtection tx(int level) {
    PacketProtection own = c.space(level).tx;
    return own == null && level == Conn.APP ? earlyTx : own;
  }

  /** Whether packets of the application's space go out as 0-RTT ones. */
  boolean sendsEarly() {
    return earlyTx != null && c.spaces[Conn.APP].tx == null;
  }

  /** No 0-RTT packets are sent any more. */
  void dropEarlySend() {
    destroy(earlyTx);
    earlyTx = null;
  }

  /** Discards the 0-RTT keys (RFC 9001 section 4.9.3). */
  void discardEarly(long now) {
    if (earlyTx != null || earlyRx != null) {
      c.sink.secretDiscarded(now, c.cookie, Conn.EARLY);
    }
    dropEarlySend();
    destroy(earlyRx);
    earlyRx = null;
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
    return phases.phase() != 0;
  }

  /** 1-RTT packets were sealed, the first of them with this number. */
  void onSent(long firstPn) {
    phases.onSent(firstPn);
  }

  /** A 1-RTT packet of ours was acknowledged. */
  void onAcked(long pn) {
    phases.onAcked(pn);
  }

  /** Whether a 1-RTT packet of the present key phase was acknowledged. */
  boolean oneRttAcked() {
    return phases.acknowledged();
  }

  /**
   * Opens a 1-RTT packet, following the peer's key update (RFC 9001 section 6.3).
   *
   * @return plaintext length; below 0 when it is to be dropped or the connection was closed
   */
  int openApp(long now, byte[] buf, int start, int pnOff, int pnLen, int end, long pn) {
    int n = phases.open(buf, start, pnOff, pnLen, end, pn, now, 3 * c.pto.period());
    if (phases.receive() != c.spaces[Conn.APP].rx) {
      mirror();
      c.timers.set(TimerTable.KEY_DISCARD, phases.discardAt());
      if (phases.pollPeerUpdated()) {
        c.sock.notes().keyUpdate(sendPhase());
      }
    }
    if (n == KeyPhases.KEY_UPDATE_ERROR) {
      c.fail(now, QuicUapi.QUIC_TRANSPORT_ERROR_KEY_UPDATE, 0, "key update");
    }
    return n;
  }

  /** The KEY_UPDATE option. */
  int update() {
    // RFC 9001 section 6.1: not before the handshake is confirmed.
    int r = c.life.confirmed() ? phases.initiate() : -Errno.EINVAL;
    mirror();
    return r == -Errno.EAGAIN ? -Errno.EINVAL : r;
  }

  /** Updates by itself before a key is worn out (RFC 9001 section 6.6). */
  void refresh() {
    if (phases.wantsUpdate()) {
      update();
    }
  }

  /** Whether the connection must end for lack of usable keys (RFC 9001 section 6.6). */
  boolean wornOut() {
    return phases.limitReached();
  }

  /** The KEY_DISCARD timer. */
  void discardPrevious() {
    phases.discardOld();
  }

  /** Discards a level's keys and all that belongs to them. */
  void discard(long now, int level) {
    Space s = c.spaces[level];
    if (s.discarded) {
      return;
    }
    s.discard();
    if (level == Conn.INITIAL) {
      c.versions.wipe();
    }
    c.recovery.discard(level);
    c.sink.secretDiscarded(now, c.cookie, level);
  }

  /** Wipes everything. */
  void destroy() {
    for (Space s : c.spaces) {
      s.discarded = true;
      s.dropKeys();
    }
    phases.destroy();
    c.versions.wipe();
    destroy(earlyRx);
    earlyRx = null;
    dropEarlySend();
  }
}
