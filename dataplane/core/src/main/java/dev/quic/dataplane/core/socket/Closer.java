package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.common.PacketNumber;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.timer.TimerTable;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;

/** The end of a connection: closing, draining and dead (RFC 9000 section 10). */
final class Closer {
  private static final int LIVE = 0;
  private static final int CLOSING = 1;
  private static final int DRAINING = 2;
  private static final int DEAD = 3;

  /** Levels in the order they are coalesced. */
  private static final int[] ORDER = {Conn.INITIAL, Conn.HANDSHAKE, Conn.APP};

  private final Conn c;
  private int phase = LIVE;
  private long error;
  private boolean app;
  private long frameType;
  private byte[] phrase = new byte[0];
  private boolean due;
  private int received;
  private int answerAt = 1;

  Closer(Conn c) {
    this.c = c;
  }

  boolean live() {
    return phase == LIVE;
  }

  boolean closing() {
    return phase == CLOSING;
  }

  boolean dead() {
    return phase == DEAD;
  }

  /** Closes because of what the peer did, or of a limit; the program gets the event. */
  void fail(long now, long code, long frame, String reason) {
    if (phase == LIVE) {
      byte[] why = reason.getBytes(StandardCharsets.US_ASCII);
      c.sock.notes().connectionClose(code, frame == 0 ? 0 : (int) frame, why);
      start(now, code, false, frame, why);
      c.sock.onClosed(Errno.EPROTO);
    }
  }

  /** Closes because the program wants it: the stored code, as 0x1d once established. */
  void close(long now, long code, byte[] why) {
    if (phase != LIVE) {
      return;
    }
    if (c.life.complete()) {
      start(now, code, true, 0, why);
    } else if (code >= QuicUapi.QUIC_TRANSPORT_ERROR_CRYPTO
        && code < QuicUapi.QUIC_TRANSPORT_ERROR_CRYPTO + 0x100) {
      // RFC 9001 section 4.8: a TLS alert, carried by no option of its own.
      start(now, code, false, 0x06, why);
    } else {
      // RFC 9000 section 10.2.3: what the program says is not shown before 1-RTT keys.
      start(now, QuicUapi.QUIC_TRANSPORT_ERROR_APPLICATION, false, 0, new byte[0]);
    }
    c.sock.onClosed(0);
  }

  private void start(long now, long code, boolean application, long frame, byte[] why) {
    phase = CLOSING;
    error = code;
    app = application;
    frameType = frame;
    phrase = why;
    // A client that has sent nothing is known to nobody: its end stays off the wire, too.
    due = c.server || c.life.complete() || c.path().bytesSent() > 0;
    if (due) {
      c.net.count(Mib.FRM_OUT_CLOSES, 1);
    }
    c.sink.closed(now, c.cookie, true, application, code);
    end(now);
    if (!due) {
      c.timers.set(TimerTable.CLOSE, now);
    }
  }

  private void end(long now) {
    if (c.life.complete()) {
      c.net.count(Mib.CONN_CURRENT_ESTABS, -1);
    }
    c.timers.cancelAll();
    // RFC 9000 section 10.2: three times the PTO.
    c.timers.set(TimerTable.CLOSE, now + 3 * c.pto.period());
    c.flow.stop();
    c.backlog.clear();
    c.net.touch(c.sock);
  }

  /** CONNECTION_CLOSE of the peer. */
  void onPeerClose(long now, boolean application, long code, long frame, byte[] why) {
    if (phase == DRAINING || phase == DEAD) {
      return;
    }
    c.net.count(Mib.FRM_IN_CLOSES, 1);
    boolean wasLive = phase == LIVE;
    phase = DRAINING;
    due = false;
    if (wasLive) {
      c.sink.closed(now, c.cookie, false, application, code);
      c.sock.notes().peerClose(code, application ? 0 : (int) frame, why);
      end(now);
      c.sock.onClosed(errnoOf(application, code));
    }
  }

  private static int errnoOf(boolean application, long code) {
    if (code == 0) {
      return 0;
    }
    if (!application && code == QuicUapi.QUIC_TRANSPORT_ERROR_CONNECTION_REFUSED) {
      return Errno.ECONNREFUSED;
    }
    return application ? Errno.ECONNRESET : Errno.EPROTO;
  }

  /** The idle timeout: nothing is sent (RFC 9000 section 10.1). */
  void onIdle(long now) {
    silent(now, Errno.ETIMEDOUT, 0);
  }

  /** A stateless reset arrived (RFC 9000 section 10.3.1): drain. */
  void onReset(long now) {
    silent(now, Errno.ECONNRESET, QuicUapi.QUIC_TRANSPORT_ERROR_CRYPTO);
  }

  /** Ends a connection that is used up: its keys, or its packet numbers. */
  void checkLimits(long now) {
    if (phase == LIVE && c.keys.wornOut()) {
      fail(now, QuicUapi.QUIC_TRANSPORT_ERROR_AEAD_LIMIT, 0, "key worn out");
    } else if (phase == LIVE && c.spaces[Conn.APP].pn.exhausted()) {
      // RFC 9000 section 12.3: not even a CONNECTION_CLOSE.
      silent(now, Errno.EPROTO, 0);
    }
  }

  /**
   * The peer moved, and neither where it is now nor where it was has it proved its address: all is
   * forgotten (RFC 9000 section 9.3.2).
   */
  void onUnproved(long now) {
    silent(now, Errno.ETIMEDOUT, 0);
  }

  /** A client found no common version. */
  void onNoVersion(long now) {
    silent(now, Errno.EPROTONOSUPPORT, QuicUapi.QUIC_TRANSPORT_ERROR_VERSION_NEGOTIATION);
  }

  private void silent(long now, int errno, int code) {
    if (phase == LIVE) {
      phase = DRAINING;
      c.sink.closed(now, c.cookie, false, false, code);
      c.sock.notes().peerClose(code, 0, new byte[0]);
      end(now);
      c.sock.onClosed(errno);
      if (errno == Errno.ETIMEDOUT) {
        // Nobody is there: no need to wait for late packets.
        c.timers.set(TimerTable.CLOSE, now);
      }
    }
  }

  /** A datagram came in while closing: answer, ever more rarely (RFC 9000 section 10.2.1). */
  void onDatagram() {
    if (phase == CLOSING && ++received >= answerAt) {
      received = 0;
      answerAt = Math.min(2 * answerAt, 1 << 16);
      due = true;
      c.net.touch(c.sock);
    }
  }

  /** The CLOSE timer. */
  void onTimer() {
    phase = DEAD;
    c.keys.destroy();
  }

  /** Sends the CONNECTION_CLOSE that is due: at every level that has keys. */
  void flush(long now) {
    if (!due || phase != CLOSING) {
      return;
    }
    due = false;
    Path path = c.path();
    int room = (int) Math.min(Limits.MIN_INITIAL_DATAGRAM, path.sendAllowance());
    byte[] slab = c.net.slab();
    int at = 0;
    boolean padded = false;
    for (int level : ORDER) {
      boolean last = !c.keys.hasTx(Conn.APP) && level == Conn.HANDSHAKE || level == Conn.APP;
      padded |= level == Conn.INITIAL && c.keys.hasTx(level);
      at = packet(now, slab, at, level, room, padded && lastLevel(level, last));
    }
    if (at > 0) {
      path.onSent(at);
      c.net.transmit(path, at, at);
    }
    if (error == QuicUapi.QUIC_TRANSPORT_ERROR_AEAD_LIMIT && !app) {
      // RFC 9001 section 6.6: the keys are used no more; whatever comes is a stranger's.
      c.timers.set(TimerTable.CLOSE, now);
    }
  }

  private boolean lastLevel(int level, boolean last) {
    return last
        || level == Conn.INITIAL && !c.keys.hasTx(Conn.HANDSHAKE) && !c.keys.hasTx(Conn.APP);
  }

  private int packet(long now, byte[] slab, int at, int level, int room, boolean pad) {
    Space s = c.spaces[level];
    PacketProtection tx = s.tx;
    long pn = s.pn.next();
    int pnLen = PacketNumber.length(pn, s.pn.largestAcked());
    int header = HeaderWriter.longSize(c.dcid(), c.scids.current(), c.token.length, true, pnLen);
    int tag = c.keys.tag(level);
    int limit = room - tag;
    if (tx == null || at + header + 32 > limit) {
      return at;
    }
    boolean isLong = level != Conn.APP;
    int pnOff =
        isLong
            ? HeaderWriter.writeLong(
                slab,
                at,
                c.wire,
                level,
                c.dcid(),
                c.scids.current(),
                c.server ? new byte[0] : c.token,
                pnLen)
            : HeaderWriter.writeShort(slab, at, c.dcid(), c.keys.sendPhase(), pn, pnLen);
    Writer w = new Writer(slab, pnOff + pnLen, limit - pnOff - pnLen);
    if (isLong && app) {
      FrameWriter.close(w, false, QuicUapi.QUIC_TRANSPORT_ERROR_APPLICATION, 0, new byte[0]);
    } else {
      FrameWriter.close(w, app, error, frameType, phrase);
    }
    w.zeros(pad ? w.remaining() : Math.max(0, 4 - (w.position() - pnOff)));
    int end = w.position();
    if (isLong) {
      HeaderWriter.finishLong(slab, pnOff, pnLen, pn, end + tag);
    }
    s.pn.takeNext();
    int body = pnOff + pnLen;
    c.details.frames(now, true, level, pn, slab, body, end - body);
    tx.seal(slab, at, pnOff, end, pn);
    int bytes = end + tag - at;
    c.sink.packetSent(now, c.cookie, level, pn, bytes, false);
    return end + tag;
  }
}
