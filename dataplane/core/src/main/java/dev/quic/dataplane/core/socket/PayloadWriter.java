package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.outqueue.SentPackets;
import dev.quic.dataplane.core.stream.SendBuffer;
import dev.quic.dataplane.core.stream.Stream;
import dev.quic.dataplane.core.timer.TimerTable;

/**
 * Fills packets: acknowledgement, control frames, CRYPTO, datagrams, stream data, in that order,
 * and notes in {@link SentPackets} what went in.
 */
final class PayloadWriter {
  /** Room a control frame may need. */
  private static final int CONTROL_ROOM = 1 + 8 + 8 + 1 + Limits.CONN_ID_BYTES + 16;

  /** Control frames that ride along, or wait for a while. */
  private static final int LAZY = Flow.OWES_STREAMS_BIDI | Flow.OWES_STREAMS_UNI;

  private final Conn c;
  private final LastFlight last;

  /** When this flush is, ns. */
  private long now;

  /** When a STREAM frame last went out, ns. */
  private long dataAt;

  PayloadWriter(Conn c) {
    this.c = c;
    last = new LastFlight(c);
  }

  /**
   * Before anything is written: what goes along with what waits.
   *
   * @param at the time of this flush, ns
   */
  void begin(long at) {
    now = at;
    if (!c.life.confirmed() && streams()) {
      last.onData();
    }
  }

  /** Whether any level has something ack-eliciting to send. */
  boolean wants() {
    return wants(Conn.INITIAL) || wants(Conn.HANDSHAKE) || wants(Conn.APP);
  }

  /** Whether this level has something ack-eliciting to send. */
  boolean wants(int level) {
    Space s = c.spaces[level];
    if (level == Conn.APP && c.keys.sendsEarly()) {
      return early();
    }
    if (s.tx == null) {
      return false;
    }
    if (level != Conn.APP) {
      return s.cryptoPending() && !c.sock.handshakeCorked();
    }
    // HANDSHAKE_DONE and all other 1-RTT frames never overtake the TLS flight.
    return !c.handshakeCryptoPending()
        && c.life.complete()
        && (control() || s.cryptoPending() || streams() || c.sock.datagrams().sendPending());
  }

  /** Whether there is something for 0-RTT packets, which never come before the ClientHello. */
  private boolean early() {
    return c.spaces[Conn.INITIAL].cryptoOut.end() > 0
        && !c.handshakeCryptoPending()
        && ((c.flow.owed & ~LAZY) != 0 || !c.flow.control.isEmpty() || streams());
  }

  /** Whether 1-RTT packets have nothing to carry but stream data. */
  boolean onlyStreams() {
    Flow f = c.flow;
    return !f.sending.isEmpty()
        && f.owed == 0
        && f.control.isEmpty()
        && !f.beyond()
        && !c.spaces[Conn.APP].cryptoPending()
        && c.newIds.isEmpty()
        && !c.dcids.retirePending()
        && !c.sock.datagrams().sendPending();
  }

  /** A STREAM frame went out. */
  void onData(long at) {
    dataAt = at;
  }

  private boolean control() {
    Flow f = c.flow;
    boolean streams =
        (f.owed & Flow.OWES_STREAMS_BIDI) != 0 && c.streams.nearLimit(false)
            || (f.owed & Flow.OWES_STREAMS_UNI) != 0 && c.streams.nearLimit(true);
    return (f.owed & ~LAZY) != 0
        || streams
        || (f.owed & LAZY) != 0 && f.creditDue()
        || !f.control.isEmpty()
        || !c.newIds.isEmpty()
        || c.dcids.retirePending();
  }

  private boolean streams() {
    Flow f = c.flow;
    return !f.sending.isEmpty() && (!f.corked && !bundles() || fullPacket());
  }

  /**
   * Whether less than a full packet waits for what is under way to be acknowledged: the kernel's
   * bundling in the manner of Nagle. Not after a timeout, and not before the handshake is over. Nor
   * for more than a round trip: an acknowledgement that has not come by then is one the peer delays
   * (RFC 9000 section 13.2.1), perhaps until it has what waits here.
   */
  private boolean bundles() {
    return c.sock.settings().streamDataNodelay == 0
        && c.life.confirmed()
        && c.pto.count() == 0
        && c.flow.buffered() > c.flow.unsent()
        && now - dataAt < c.rtt.smoothed();
  }

  /** When data that waits to be bundled goes even so, ns; NEVER when none waits. */
  long bundledUntil() {
    boolean waits = !c.flow.sending.isEmpty() && !c.flow.corked && bundles() && !fullPacket();
    return waits ? dataAt + c.rtt.smoothed() : TimerTable.NEVER;
  }

  /** Whether corked data fills a packet. */
  private boolean fullPacket() {
    long n = 0;
    for (Stream s = c.flow.sending.head(); s != null && n < c.mtu(); s = c.flow.sending.next(s)) {
      boolean whole = s.finWritten() || s.out().nextIsRetransmission();
      n += whole ? c.mtu() : s.out().nextLength();
    }
    return n >= c.mtu();
  }

  /** Writes an ACK frame; false when it does not fit. */
  boolean ack(Writer w, Space s, long now) {
    if (s.pn.rangeCount() == 0) {
      return false;
    }
    long delay = Math.max(0, now - s.pn.largestTime()) / 1_000;
    long encoded = s.level == Conn.APP ? delay >> c.local.ackDelayExponent : 0;
    if (!FrameWriter.ack(w, s.pn, encoded, Limits.ACK_RANGES_SENT)) {
      return false;
    }
    c.recovery.sent(s.level).note(SentPackets.ACK, s.pn.largest(), 0, 0, false);
    return true;
  }

  /** Writes what fits of a level's frames; true when any of them is ack-eliciting. */
  boolean frames(long now, Writer w, int level) {
    int before = w.position();
    SentPackets sent = c.recovery.sent(level);
    if (level == Conn.APP) {
      token(now, w, sent);
      owed(w, sent);
    }
    crypto(now, w, level, sent);
    if (level == Conn.APP) {
      streamControl(w, sent);
      if (!c.keys.sendsEarly()) {
        ids(w, sent);
        c.sock.datagrams().write(w);
      }
      data(w, sent);
    }
    return w.position() > before;
  }

  private boolean fits(Writer w, SentPackets sent) {
    return w.remaining() >= CONTROL_ROOM && !sent.framesFull();
  }

  private boolean takes(int bit, Writer w, SentPackets sent) {
    if ((c.flow.owed & bit) == 0 || !fits(w, sent)) {
      return false;
    }
    c.flow.owed &= ~bit;
    return true;
  }

  private void token(long now, Writer w, SentPackets sent) {
    if (takes(Flow.OWES_TOKEN, w, sent)) {
      FrameWriter.newToken(w, c.net.newToken(now, c.path().remote(), c.version));
      sent.note(SentPackets.NEW_TOKEN, 0, 0, 0, false);
    }
  }

  private void owed(Writer w, SentPackets sent) {
    if (takes(Flow.OWES_DONE, w, sent)) {
      FrameWriter.bare(w, FrameType.HANDSHAKE_DONE);
      sent.note(SentPackets.HANDSHAKE_DONE, 0, 0, 0, false);
    }
    if (takes(Flow.OWES_MAX_DATA, w, sent)) {
      FrameWriter.one(w, FrameType.MAX_DATA, c.flow.advertise());
      sent.note(SentPackets.MAX_DATA, 0, 0, 0, false);
    }
    if (takes(Flow.OWES_STREAMS_BIDI, w, sent)) {
      FrameWriter.one(w, FrameType.MAX_STREAMS_BIDI, c.streams.advertise(false));
      c.flow.onCreditSent();
      sent.note(SentPackets.MAX_STREAMS, 0, 0, 0, false);
    }
    if (takes(Flow.OWES_STREAMS_UNI, w, sent)) {
      FrameWriter.one(w, FrameType.MAX_STREAMS_UNI, c.streams.advertise(true));
      c.flow.onCreditSent();
      sent.note(SentPackets.MAX_STREAMS, 1, 0, 0, false);
    }
    if (takes(Flow.OWES_BLOCKED, w, sent)) {
      FrameWriter.one(w, FrameType.DATA_BLOCKED, c.flow.peerMax());
      sent.note(SentPackets.DATA_BLOCKED, 0, 0, 0, false);
    }
    if (takes(Flow.OWES_STREAMS_BLOCKED_BIDI, w, sent)) {
      FrameWriter.one(w, FrameType.STREAMS_BLOCKED_BIDI, c.streams.allowed(false));
      sent.note(SentPackets.STREAMS_BLOCKED, 0, 0, 0, false);
    }
    if (takes(Flow.OWES_STREAMS_BLOCKED_UNI, w, sent)) {
      FrameWriter.one(w, FrameType.STREAMS_BLOCKED_UNI, c.streams.allowed(true));
      sent.note(SentPackets.STREAMS_BLOCKED, 1, 0, 0, false);
    }
    if (takes(Flow.OWES_PING, w, sent)) {
      FrameWriter.bare(w, FrameType.PING);
      sent.note(SentPackets.PING, 0, 0, 0, false);
    }
  }

  /**
   * Writes CRYPTO frames. Where a client's ClientHello takes several packets, the last of them is
   * full too: padding (RFC 9000 section 14.1) would tell the server nothing, the bytes before make
   * good a part of what is lost of the others.
   */
  private void crypto(long now, Writer w, int level, SentPackets sent) {
    SendBuffer b = c.spaces[level].cryptoOut;
    boolean pads = level == Conn.INITIAL && !c.server && !c.keys.sendsEarly();
    while (b.pending() && w.remaining() > FrameWriter.CRYPTO_OVERHEAD + 8 && !sent.framesFull()) {
      int room = w.remaining() - FrameWriter.CRYPTO_OVERHEAD;
      int len = (int) Math.min(b.nextLength(), room);
      long off = b.nextOffset();
      int again = pads ? (int) Math.min(off - b.base(), room - len) : 0;
      FrameWriter.cryptoHeader(w, off - again, again + len);
      b.copy(off - again, w.array(), w.position(), again);
      b.send(w.array(), w.position() + again, len);
      w.position(w.position() + again + len);
      sent.note(SentPackets.CRYPTO, 0, off - again, again + len, false);
      c.sink.cryptoSent(now, c.cookie, level, off - again, again + len);
    }
  }

  private void streamControl(Writer w, SentPackets sent) {
    Stream s;
    while (w.remaining() >= 2 * CONTROL_ROOM
        && sent.noted() + 4 < Limits.FRAMES_PER_PACKET
        && (s = c.flow.control.poll()) != null) {
      if (!s.isLocal() || c.streams.mayOpen(s.id())) {
        oneStream(w, sent, s);
      }
    }
  }

  private void oneStream(Writer w, SentPackets sent, Stream s) {
    long id = s.id();
    if ((s.owed & Stream.OWES_RESET) != 0) {
      FrameWriter.resetStream(w, id, s.sendError(), s.sentFinal());
      sent.note(SentPackets.RESET_STREAM, id, 0, 0, false);
    }
    if ((s.owed & Stream.OWES_STOP) != 0) {
      FrameWriter.two(w, FrameType.STOP_SENDING, id, s.stopError());
      sent.note(SentPackets.STOP_SENDING, id, 0, 0, false);
    }
    if ((s.owed & Stream.OWES_MAX_DATA) != 0) {
      FrameWriter.two(w, FrameType.MAX_STREAM_DATA, id, c.flow.advertise(s));
      sent.note(SentPackets.MAX_STREAM_DATA, id, 0, 0, false);
    }
    if ((s.owed & Stream.OWES_BLOCKED) != 0) {
      FrameWriter.two(w, FrameType.STREAM_DATA_BLOCKED, id, s.maxSend());
      sent.note(SentPackets.STREAM_DATA_BLOCKED, id, 0, 0, false);
    }
    s.owed = 0;
  }

  private void ids(Writer w, SentPackets sent) {
    while (!c.newIds.isEmpty() && fits(w, sent)) {
      long seq = c.newIds.poll(-1);
      dev.quic.dataplane.core.connid.ConnId id = c.scids.idOf(seq);
      if (id != null) {
        byte[] token = c.net.secret().resetToken(id.toBytes());
        FrameWriter.newConnectionId(w, seq, c.scids.retirePriorTo(), id, token);
        sent.note(SentPackets.NEW_CONNECTION_ID, seq, 0, 0, false);
      }
    }
    long seq;
    while (fits(w, sent) && (seq = c.dcids.pollRetired()) >= 0) {
      FrameWriter.one(w, FrameType.RETIRE_CONNECTION_ID, seq);
      sent.note(SentPackets.RETIRE_CONNECTION_ID, seq, 0, 0, false);
    }
  }

  private void data(Writer w, SentPackets sent) {
    if (!streams()) {
      return;
    }
    Stream s;
    while (!sent.framesFull() && (s = c.flow.sending.head()) != null) {
      if (!s.sendPending() || !c.flow.mayGo(s)) {
        c.flow.sending.poll();
      } else {
        int before = w.position();
        if (!frame(w, sent, s)) {
          if (w.position() > before) {
            c.flow.sending.onPacket(c.mtu());
          }
          return;
        }
      }
    }
  }

  /** Writes one STREAM frame; false when the packet is full. */
  private boolean frame(Writer w, SentPackets sent, Stream s) {
    SendBuffer b = s.out();
    long off = b.pending() ? b.nextOffset() : b.end();
    boolean again = b.nextIsRetransmission();
    long available = b.pending() ? c.flow.mayGo(s, b.nextLength()) : 0;
    int room = w.remaining() - FrameWriter.streamHeaderSize(s.id(), off);
    boolean fills = available >= room;
    int len = (int) Math.min(available, fills ? room : room - 2);
    if (room < 8 || len < 0) {
      return false;
    }
    boolean fin = s.finAt(off, len);
    FrameWriter.streamHeader(w, s.id(), off, len, fin, !fills);
    if (len > 0) {
      b.send(w.array(), w.position(), len);
      w.position(w.position() + len);
      c.flow.onFirstSent(again ? 0 : len);
    }
    sent.note(SentPackets.STREAM, s.id(), off, len, fin);
    dataAt = now;
    if (fin) {
      s.onFinSent();
    }
    if (!s.sendPending()) {
      c.flow.sending.poll();
    }
    return !fills;
  }
}
