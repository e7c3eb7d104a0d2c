package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.stream.SendBuffer;
import dev.quic.dataplane.core.stream.SendSchedule;
import dev.quic.dataplane.core.stream.Stream;
import dev.quic.dataplane.core.stream.StreamQueue;
import dev.quic.dataplane.core.stream.StreamTable;
import dev.quic.dataplane.core.timer.TimerTable;
import org.jspecify.annotations.Nullable;

/**
 * Connection-level flow control both ways (RFC 9000 section 4.1), the send buffer's account, and
 * the queues that streams wait in.
 */
final class Flow {
  // Connection-level control frames owed.
  static final int OWES_PING = 1;
  static final int OWES_DONE = 2;
  static final int OWES_MAX_DATA = 4;
  static final int OWES_STREAMS_BIDI = 8;
  static final int OWES_STREAMS_UNI = 16;
  static final int OWES_BLOCKED = 32;
  static final int OWES_STREAMS_BLOCKED_BIDI = 64;
  static final int OWES_STREAMS_BLOCKED_UNI = 128;
  static final int OWES_TOKEN = 256;

  /** Least time between two packets sent for MAX_STREAMS alone, ns. */
  private static final long CREDIT_GAP = 1_000_000;

  final SendSchedule sending = new SendSchedule();
  final StreamQueue control = new StreamQueue(StreamQueue.CONTROL);
  final StreamQueue reading = new StreamQueue(StreamQueue.READ);
  private final Conn c;

  /** Control frames owed, {@code OWES_*}. */
  int owed;

  /** Stream data is held back until full packets or an uncorked call (MSG_MORE). */
  boolean corked;

  // Refused 0-RTT may have left more written than the server's real limits allow. Otherwise limits
  // are seen to as the program writes.
  private boolean beyond;
  private long sent;

  private long peerMax;
  private long written;
  private long buffered;

  private long window;
  private long advertised;
  private long advertisedAt;
  private long received;
  private long consumed;

  /** When MAX_STREAMS last went out, ns. */
  private long creditAt = -CREDIT_GAP;

  Flow(Conn c) {
    this.c = c;
  }

  /** Takes our own transport parameters. */
  void applyLocal() {
    TransportParams p = c.local;
    window = p.maxData;
    advertised = p.maxData;
    c.streams.local(
        new StreamTable.Windows(
            p.maxStreamDataBidiLocal, p.maxStreamDataBidiRemote, p.maxStreamDataUni),
        p.maxStreamsBidi,
        p.maxStreamsUni);
  }

  /** Takes the peer's transport parameters. */
  void applyRemote(TransportParams p) {
    peerMax = p.maxData;
    c.streams.remote(
        new StreamTable.Windows(
            p.maxStreamDataBidiLocal, p.maxStreamDataBidiRemote, p.maxStreamDataUni),
        p.maxStreamsBidi,
        p.maxStreamsUni);
    beyond = written > peerMax || c.streams.beyondLimits();
  }

  // --- out

  /** Whether more was written than the peer's limits allow. */
  boolean beyond() {
    return beyond;
  }

  /** Whether a stream with something to send may send some of it now. */
  boolean mayGo(Stream s) {
    if (!beyond) {
      return true;
    }
    if (s.isLocal() && !c.streams.mayOpen(s.id())) {
      return false;
    }
    SendBuffer b = s.out();
    return !b.pending() || mayGo(s, 1) > 0;
  }

  /** How many of the bytes to send next the peer's limits let out. */
  long mayGo(Stream s, long len) {
    SendBuffer b = s.out();
    if (!beyond || b.nextIsRetransmission()) {
      return len;
    }
    return Math.max(0, Math.min(len, Math.min(s.maxSend() - b.next(), peerMax - sent)));
  }

  /** Stream bytes went out for the first time. */
  void onFirstSent(int bytes) {
    sent += bytes;
  }

  /** 0-RTT was refused: as if no stream had sent anything. */
  void rewind() {
    sent = 0;
    c.streams.forEach(s -> written -= s.rewind());
    beyond = written > peerMax || c.streams.beyondLimits();
    c.streams.forEach(this::enqueue);
  }

  /** A limit of the peer's rose: what it held back goes on. */
  void onLimitRaised() {
    if (beyond) {
      beyond = written > peerMax || c.streams.beyondLimits();
      c.streams.forEach(s -> {
        enqueue(s);
        if (s.owed != 0) {
          control.add(s);
        }
      });
    }
  }

  /** Bytes the peer's connection window still takes. */
  long credit() {
    return Math.max(0, peerMax - written);
  }

  long peerMax() {
    return peerMax;
  }

  /** MAX_DATA: true when it raised the limit. */
  boolean raisePeerMax(long limit) {
    if (limit <= peerMax) {
      return false;
    }
    peerMax = limit;
    onLimitRaised();
    return true;
  }

  /**
   * Bytes the send buffer still takes: its size as set; or four congestion windows, but of bytes
   * never sent so few that they are still in the processor's cache when their turn comes.
   */
  long room() {
    Settings s = c.sock.settings();
    if (s.sendBufferLocked) {
      return Math.max(0, s.sendBuffer - buffered);
    }
    long tuned = Math.min(4 * c.cc.cwnd(), Limits.SEND_BUFFER_MAX_BYTES);
    long size = Math.max(s.sendBuffer, tuned);
    return Math.max(0, Math.min(size - buffered, Limits.UNSENT_BYTES - unsent()));
  }

  /** Whether so much of the send buffer is free that a refused writer is worth waking. */
  boolean roomy() {
    return room() >= Math.max(1, Math.min(buffered / 2, Limits.UNSENT_BYTES / 4));
  }

  /** Bytes in the send buffer. */
  long buffered() {
    return buffered;
  }

  void onWritten(int bytes) {
    written += bytes;
    buffered += bytes;
  }

  void onFreed(long bytes) {
    buffered -= bytes;
  }

  /** A send side was reset: what never went out takes no credit, what is held is dropped. */
  void onReset(Stream s) {
    written -= s.written() - s.sentFinal();
    buffered -= s.dropUnsent();
  }

  /** Queues a stream for STREAM frames if it has any to send. */
  void enqueue(Stream s) {
    if (s.sendPending() && mayGo(s)) {
      sending.add(s);
    }
  }

  /** Queues a stream for the control frames it owes. */
  void owe(Stream s, int what) {
    s.owed |= what;
    control.add(s);
  }

  /** Bytes in stream buffers never sent, for SIOCOUTQNSD. */
  long unsent() {
    return Math.max(0, written - sent);
  }

  /** Whether streams hold so many bytes to send, again or for the first time. */
  boolean holds(long bytes) {
    long n = 0;
    for (Stream s = sending.head(); s != null && n < bytes; s = sending.next(s)) {
      SendBuffer b = s.out();
      n += b.unsent() + (b.nextIsRetransmission() ? b.nextLength() : 0);
    }
    return n >= bytes;
  }

  // --- in

  /**
   * Counts received bytes by how far they push a stream's highest offset.
   *
   * @return false when the peer went beyond what we advertised
   */
  boolean onReceived(long grown) {
    received += grown;
    return received <= advertised;
  }

  /** The program consumed bytes, or they were dropped with a reset. */
  void onConsumed(long bytes) {
    consumed += bytes;
    if (consumed + window - advertised >= Math.max(1, window / 4)) {
      owed |= OWES_MAX_DATA;
    }
  }

  /** The limit for MAX_DATA, advertised from now on. */
  long advertise() {
    long now = c.sock.lastTime();
    if (consumed + c.memory.offered(window) > advertised) {
      window = c.memory.next(window, now - advertisedAt, c.rtt.smoothed());
      advertised = Math.max(advertised, consumed + c.memory.offered(window));
      advertisedAt = now;
    }
    return advertised;
  }

  /** The limit for a stream's MAX_STREAM_DATA, advertised from now on. */
  long advertise(Stream s) {
    long now = c.sock.lastTime();
    long larger = c.memory.next(s.window(), now - s.raisedAt(), c.rtt.smoothed());
    // One stream may not want more than the connection.
    larger = Math.max(s.window(), Math.min(larger, window));
    return s.raiseMaxRecv(now, larger, c.memory.offered(larger));
  }

  /** The limit advertised last, for repeating a lost frame. */
  long advertised() {
    return advertised;
  }

  /** Bytes received and not yet read, for SIOCINQ. */
  long unread() {
    long n = 0;
    for (Stream s = reading.head(); s != null; s = reading.next(s)) {
      n += s.readable();
    }
    return n;
  }

  /** Reading freed room: owe new limits when they are worth a frame. */
  void onRead(Stream s, int bytes) {
    onConsumed(bytes);
    if (s.wantsMaxData()) {
      owe(s, Stream.OWES_MAX_DATA);
    }
  }

  /** Forgets a stream that is over, and lets the peer open another for it. */
  void reclaim(@Nullable Stream s) {
    if (s == null || !s.done()) {
      return;
    }
    sending.remove(s);
    control.remove(s);
    reading.remove(s);
    if (c.streams.crowded()) {
      // There is room for another stream, which somebody may wait for.
      c.sock.unblocked();
    }
    if (c.streams.reclaim(s)) {
      boolean uni = dev.quic.dataplane.core.stream.StreamId.isUni(s.id());
      owed |= uni ? OWES_STREAMS_UNI : OWES_STREAMS_BIDI;
      if (!creditDue()) {
        c.timers.set(TimerTable.CREDIT, creditAt + CREDIT_GAP);
      }
    }
  }

  /**
   * Whether MAX_STREAMS for streams that are over is worth a packet of its own: as they end, like
   * the kernel's, but not one for each of many.
   */
  boolean creditDue() {
    return c.sock.lastTime() - creditAt >= CREDIT_GAP;
  }

  /** MAX_STREAMS goes out. */
  void onCreditSent() {
    creditAt = c.sock.lastTime();
  }

  /** Nothing will be sent any more; what was received stays readable. */
  void stop() {
    sending.clear();
    control.clear();
    owed = 0;
  }

  /** Gives every buffer back. */
  void free() {
    stop();
    reading.clear();
    c.streams.clear();
    for (Space s : c.spaces) {
      s.cryptoIn.clear();
      s.cryptoOut.clear();
    }
  }
}
