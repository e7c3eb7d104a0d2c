package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.frame.PreferredAddress;
import dev.quic.dataplane.core.frame.TransportParamError;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.timer.TimerTable;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * From the first packet to the confirmed handshake: what installed secrets and transport parameters
 * bring about, and the idle timeout.
 */
final class Lifecycle {
  private final Conn c;
  private boolean complete;
  private boolean confirmed;
  private long lastReceived;
  private boolean elicitedSince;

  Lifecycle(Conn c) {
    this.c = c;
  }

  /** Both 1-RTT keys are installed. */
  boolean complete() {
    return complete;
  }

  boolean confirmed() {
    return confirmed;
  }

  /** The TRANSPORT_PARAM_EXT option, set: the peer's parameters. */
  int peerParameters(long now, byte[] body) {
    if (body.length > Limits.TRANSPORT_PARAM_BYTES) {
      return -Errno.EINVAL;
    }
    TransportParams p = new TransportParams();
    TransportParamError e = TransportParams.parse(body, 0, body.length, !c.server, p);
    if (e == TransportParamError.NONE) {
      ConnId seen = c.peerScid == null ? ConnId.EMPTY : c.peerScid;
      // RFC 9000 section 7.3.
      e = p.checkIds(!c.server, seen, c.originalDcid, c.retryScid);
    }
    if (e == TransportParamError.NONE) {
      e = c.versions.onParameters(now, p);
    }
    if (e != TransportParamError.NONE) {
      c.fail(now, e.transportError(), 0, "transport parameters: " + e);
      return e.errno();
    }
    c.remote = p;
    c.details.parameters(now);
    int r = c.early.check(now, p);
    if (r == 0) {
      applyRemote(p);
    }
    return r;
  }

  private void applyRemote(TransportParams p) {
    c.flow.applyRemote(p);
    c.pto.maxAckDelay(p.maxAckDelay);
    c.scids.peerLimit(p.activeConnIdLimit);
    byte[] reset = p.resetToken;
    if (reset != null && !c.server) {
      c.dcids.firstToken(reset, 0);
    }
    PreferredAddress preferred = p.preferredAddress;
    if (preferred != null && !c.server) {
      // RFC 9000 section 5.1.1: its id has sequence number 1, whether the address is used or not.
      c.dcids.add(1, 0, preferred.id(), preferred.token(), 0);
    }
  }

  /** A secret was installed: replays what waited for it and completes the handshake. */
  void onSecret(long now, int level, boolean send) {
    boolean nowComplete = !complete && c.keys.appComplete();
    if (nowComplete) {
      complete(now);
    }
    if (level == Conn.APP && !send) {
      // To be replaced by new ones, as in the kernel.
      c.sock.tickets().ticket(new byte[0]);
      c.sock.peerToken(new byte[0]);
    }
    if (nowComplete) {
      c.receiver.replay(now, Conn.APP);
    } else if (!send) {
      c.receiver.replay(now, level);
    }
    c.net.touch(c.sock);
  }

  private void complete(long now) {
    complete = true;
    c.pto.flightComplete();
    c.early.onComplete(now);
    c.migration.silence().onData(now);
    c.sock.onEstablished(now);
    c.net.count(Mib.CONN_CURRENT_ESTABS, 1);
    c.net.count(c.server ? Mib.CONN_PASSIVE_ESTABS : Mib.CONN_ACTIVE_ESTABS, 1);
    issueIds();
    if (c.server) {
      // RFC 9001 section 4.1.2: a server's handshake is confirmed when it is complete.
      c.flow.owed |= Flow.OWES_DONE;
      sendToken();
      confirm(now);
    }
    armKeepalive(now);
  }

  /**
   * Gives the client a token for later connections.
   *
   * @return false while the last one is not acknowledged
   */
  boolean sendToken() {
    if (c.tokenUnacked) {
      return false;
    }
    c.tokenUnacked = true;
    c.flow.owed |= Flow.OWES_TOKEN;
    c.net.touch(c.sock);
    return true;
  }

  /**
   * Keeps as many connection ids with the peer as it takes (RFC 9000 section 5.1.1): programs count
   * on the kernel's numbers.
   */
  void issueIds() {
    while (complete && c.scids.room() > 0 && issueOne()) {
      // each round issues one
    }
  }

  private boolean issueOne() {
    ConnId id = c.net.newConnId();
    long seq = c.scids.issue(id);
    if (seq < 0 || !c.net.route(id, c.sock)) {
      return false;
    }
    return c.newIds.add(seq);
  }

  /** HANDSHAKE_DONE or an ACK of 1-RTT packets arrived, or the server completed. */
  void confirm(long now) {
    if (confirmed) {
      return;
    }
    confirmed = true;
    c.pto.confirm();
    // RFC 9001 section 4.9.
    c.keys.discard(now, Conn.INITIAL);
    c.keys.discard(now, Conn.HANDSHAKE);
    c.migration.onConfirmed(now);
    c.net.touch(c.sock);
  }

  // --- idle timeout, RFC 9000 section 10.1

  /** A packet was processed. */
  void onReceived(long now) {
    if (now == lastReceived && !elicitedSince) {
      // Another of the same batch.
      return;
    }
    lastReceived = now;
    elicitedSince = false;
    armIdle(now);
    armKeepalive(now);
  }

  /** An ack-eliciting packet was sent; the first since something came in restarts the timer. */
  void onElicitingSent(long now) {
    if (!elicitedSince) {
      elicitedSince = true;
      armIdle(now);
    }
  }

  void armIdle(long now) {
    TransportParams peer = c.remote;
    long idle =
        peer == null ? c.local.maxIdleTimeout : TransportParams.effectiveIdleTimeout(c.local, peer);
    if (idle == 0) {
      c.timers.cancel(TimerTable.IDLE);
      return;
    }
    c.timers.set(TimerTable.IDLE, now + Math.max(idle, 3 * c.pto.period()));
  }

  private void armKeepalive(long now) {
    long interval = c.sock.settings().keepaliveProbeInterval;
    if (complete && interval > 0) {
      c.timers.set(TimerTable.KEEPALIVE, now + interval);
    }
  }

  /** The KEEPALIVE timer: nothing came in for the interval. */
  void onKeepalive(long now) {
    c.flow.owed |= Flow.OWES_PING;
    armKeepalive(now);
  }

  long lastReceived() {
    return lastReceived;
  }

  /** The peer's ack_delay_exponent. */
  int ackDelayExponent(int level) {
    TransportParams p = c.remote;
    return level == QuicUapi.QUIC_CRYPTO_APP && p != null ? (int) p.ackDelayExponent : 3;
  }

  /** Follows a Retry (RFC 9000 section 17.2.5.2); the packet was authenticated. */
  void onRetry(ConnId scid, byte[] retryToken) {
    c.retryScid = scid;
    c.token = retryToken;
    c.dcids.replaceFirst(scid);
    restartInitial(scid);
  }

  /** Sends what was sent again under new Initial keys. */
  void restartInitial(@Nullable ConnId dcid) {
    if (dcid != null) {
      c.keys.initial(dcid.toBytes());
    }
    c.recovery.restart(Conn.INITIAL);
    c.spaces[Conn.INITIAL].cryptoOut.resendAll();
    // 0-RTT packets of before are lost to the server, too.
    c.recovery.requeue(Conn.APP);
  }
}
