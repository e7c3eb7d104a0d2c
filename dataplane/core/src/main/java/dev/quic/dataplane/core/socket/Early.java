package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.frame.TransportParamError;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.timer.TimerTable;
import dev.quic.uapi.Errno;
import org.jspecify.annotations.Nullable;

/**
 * 0-RTT of a connection (RFC 9001 section 4.6): what a client remembered of the server, and what
 * became of it. The keys are in {@link Keys}; until the decision a client's data goes out in 0-RTT
 * packets, afterwards, or when it was refused, in 1-RTT ones. A TLS side that tells of no decision
 * leaves it to loss recovery, as the kernel does.
 */
final class Early {
  /** Values of the EARLY_DATA option. */
  static final int REJECTED = 0;

  static final int ACCEPTED = 1;
  static final int UNDECIDED = 2;

  private final Conn c;
  private int decision = UNDECIDED;
  private boolean offered;
  private boolean seen;
  private @Nullable TransportParams remembered;

  Early(Conn c) {
    this.c = c;
  }

  int decision() {
    return decision;
  }

  /** Takes a client's remembered parameters of the server, which hold until the real ones come. */
  void remember(TransportParams p) {
    remembered = p.copySettings();
    c.flow.applyRemote(p);
  }

  /** A key of 0-RTT was installed: a client offers, a server has accepted. */
  void onKey(long now) {
    offered = true;
    if (c.server) {
      settle(now, ACCEPTED);
    }
  }

  /** A server got a 0-RTT packet. */
  void onPacket() {
    seen = true;
  }

  /** Whether 0-RTT packets may still become readable by a key that is to come. */
  boolean mayCome() {
    return c.server && decision != REJECTED && !c.life.complete();
  }

  /**
   * Whether received data may be read now: before the end of the handshake only where
   * EARLY_DELIVERY is on. A program that reads the handshake itself then gets both from the same
   * call.
   */
  boolean deliverable() {
    return c.life.complete() || c.sock.deliversEarly();
  }

  /**
   * The EARLY_DATA option.
   *
   * @return 0 or a negated errno
   */
  int decide(long now, boolean accepted) {
    int wanted = accepted ? ACCEPTED : REJECTED;
    if (decision != UNDECIDED) {
      return decision == wanted ? 0 : -Errno.EINVAL;
    }
    if (accepted && !offered) {
      return -Errno.EINVAL;
    }
    settle(now, wanted);
    if (accepted) {
      TransportParams p = c.remote;
      return p == null ? 0 : check(now, p);
    }
    reject(now);
    return 0;
  }

  private void settle(long now, int how) {
    if (decision == UNDECIDED) {
      decision = how;
      c.sink.earlyDataDecided(now, c.cookie, how == ACCEPTED);
      c.net.count(how == ACCEPTED ? Mib.EARLY_ACCEPTS : Mib.EARLY_REJECTS, 1);
    }
  }

  private void reject(long now) {
    c.keys.discardEarly(now);
    if (c.server) {
      c.backlog.clear(Conn.EARLY);
      return;
    }
    // RFC 9001 section 4.6.2: the server remembers nothing of what 0-RTT did, so all of it is done
    // anew; and RFC 9002 section 6.4: that says nothing about congestion.
    c.recovery.requeue(Conn.APP);
    c.flow.rewind();
    c.net.touch(c.sock);
  }

  /** The client answers a HelloRetryRequest, which refuses 0-RTT (RFC 8446 section 4.2.10). */
  void onSecondHello(long now) {
    if (offered && decision == UNDECIDED) {
      decide(now, false);
    }
  }

  /** The server's real parameters: 0 or a negated errno. */
  int check(long now, TransportParams p) {
    TransportParams before = remembered;
    if (c.server || decision != ACCEPTED || before == null) {
      return 0;
    }
    TransportParamError e = p.checkNotLowered(before);
    if (e != TransportParamError.NONE) {
      // RFC 9000 section 7.4.1.
      c.fail(now, e.transportError(), 0, "transport parameters: " + e);
    }
    return e.errno();
  }

  /** The handshake is complete: no 0-RTT key will come any more. */
  void onComplete(long now) {
    if (!c.server) {
      // RFC 9001 section 4.9.3.
      c.keys.discardEarly(now);
    } else if (decision == UNDECIDED && seen) {
      settle(now, REJECTED);
    }
    c.backlog.clear(Conn.EARLY);
  }

  /** A server got a 1-RTT packet: 0-RTT ones still under way get a while (RFC 9001 4.9.3). */
  void onOneRtt(long now) {
    if (c.server && c.keys.rx(Conn.EARLY) != null && !c.timers.isSet(TimerTable.EARLY_DISCARD)) {
      c.timers.set(TimerTable.EARLY_DISCARD, now + 3 * c.pto.period());
    }
  }
}
