package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.PacketNumber;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.outqueue.SentPackets;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.timer.TimerTable;
import java.util.Arrays;

/**
 * Builds datagrams once per turn: in the net's slab, back to back in runs of one size, 1-RTT
 * packets sealed a run at a time, one transmit a run. Decides what may go: keys, congestion window,
 * pacing, anti-amplification.
 */
final class Sender {
  private static final int[] LEVELS = {Conn.INITIAL, Conn.HANDSHAKE, Conn.APP};
  private static final int TAG = PacketProtection.TAG;

  /** A packet is not begun with less room than this. */
  private static final int LEAST_ROOM = 64;

  /** Least time until a paced flush is tried again, ns. */
  private static final long PACE_GRAIN = 100_000;

  private static final byte[] NO_TOKEN = {};

  private final Conn c;
  private final PayloadWriter payload;
  private final StreamRun bulk;
  private final LimitRelief relief;
  private final Writer w = new Writer();

  private final PacketRun run = new PacketRun();

  // The datagram: its packets so far.
  private final int[] start = new int[Conn.SPACES];
  private final int[] pnOff = new int[Conn.SPACES];
  private final int[] end = new int[Conn.SPACES];
  private final int[] level = new int[Conn.SPACES];
  private final long[] number = new long[Conn.SPACES];
  private final boolean[] eliciting = new boolean[Conn.SPACES];
  private final boolean[] padded = new boolean[Conn.SPACES];
  private int packets;

  private long budget;
  private boolean paced;

  // Something was kept back for lack of budget.
  private boolean starved;

  // Handshake packets that may go with a probe of another level, whatever the window says: without
  // the lost ServerHello the peer cannot acknowledge what fills the window (RFC 9002 section
  // 6.2.4).
  private int rideAlong;
  private boolean truncated;

  /** Where the number of a packet in a datagram of its own stands. */
  private int aloneAt;

  Sender(Conn c) {
    this.c = c;
    payload = new PayloadWriter(c);
    bulk = new StreamRun(c, payload, run);
    relief = new LimitRelief(c);
  }

  /** Whether the last flush stopped at its own limit, so that another turn is due at once. */
  boolean truncated() {
    return truncated;
  }

  /** Sends what may be sent and sets the timers. */
  void flush(long now) {
    c.keys.refresh();
    c.watch.flush(now);
    c.skips.flush();
    c.recovery.forgetOld(now);
    payload.begin(now);
    window(now);
    boolean probing = c.pto.probes(Conn.INITIAL) + c.pto.probes(Conn.HANDSHAKE) > 0;
    rideAlong = probing ? 2 * Conn.SPACES : 0;
    truncated = false;
    starved = false;
    int sent = 0;
    int more;
    while (c.closer.live() && (more = datagrams(now, Limits.DATAGRAMS_SENT_PER_TURN - sent)) > 0) {
      sent += more;
      if (sent == Limits.DATAGRAMS_SENT_PER_TURN) {
        truncated = true;
        break;
      }
    }
    endRun();
    c.flow.sending.onFlushed();
    if (c.closer.live()) {
      limits(now);
      timers(now);
      if (sent > 0) {
        c.sock.moved();
      }
    }
  }

  /** Tells loss recovery what bounded this flush: the program, or the window. */
  private void limits(long now) {
    long open = c.cc.available();
    if (starved && (open < c.mtu() || c.flow.holds(open))) {
      c.recovery.onHeldBack(now);
    } else if (!starved && !truncated && open >= c.mtu()) {
      c.recovery.onAppLimited();
    }
  }

  /** What congestion control and pacing let out in this flush. */
  private void window(long now) {
    long open = Math.max(0, c.cc.available() - c.watch.reserved());
    paced = false;
    if (!payload.wants()) {
      budget = open;
      return;
    }
    c.pacer.update(c.cc, c.rtt, c.mtu(), Long.MAX_VALUE);
    long pace = c.pacer.budget(now);
    if (c.cc.bytesInFlight() == 0) {
      // Nothing under way means nothing to burst upon, and no probe timeout: silence would last as
      // long as the debt of a window that has become small since.
      pace = Math.max(pace, c.mtu());
    }
    paced = pace < open;
    budget = Math.min(open, pace);
  }

  private void timers(long now) {
    TimerTable t = c.timers;
    c.pto.waiting(Conn.INITIAL, payload.wants(Conn.INITIAL));
    c.pto.waiting(Conn.HANDSHAKE, payload.wants(Conn.HANDSHAKE));
    // RFC 9002 section 6.2.2.1. A server's Initial needs a full datagram, what follows does not.
    int least = c.spaces[Conn.INITIAL].discarded ? LEAST_ROOM : Limits.MIN_INITIAL_DATAGRAM;
    boolean held = c.server && c.path().sendAllowance() < least;
    t.set(TimerTable.LOSS, c.recovery.deadline(held));
    long ack = TimerTable.NEVER;
    for (Space s : c.spaces) {
      boolean none = s.discarded || s.tx == null || c.recovery.sent(s.level).stuck();
      ack = Math.min(ack, none ? TimerTable.NEVER : s.ackDeadline());
    }
    // Nothing at all may go: what is due waits for the next datagram of the peer's, or a new path.
    boolean blocked = c.path().sendAllowance() < LEAST_ROOM;
    t.set(TimerTable.SACK, blocked ? TimerTable.NEVER : ack);
    boolean waits = !blocked && paced && starved && c.cc.available() >= c.mtu();
    long release = c.pacer.nextRelease();
    release = release > now ? release : now + PACE_GRAIN;
    long later = Math.min(waits ? release : TimerTable.NEVER, payload.bundledUntil());
    t.set(TimerTable.PACE, truncated ? now : later);
  }

  /**
   * Builds datagrams at the end of the run, many where they hold nothing but stream data.
   *
   * @param most at least 1
   * @return how many; 0 when there is nothing (more) to send
   */
  private int datagrams(long now, int most) {
    // What probes after a timeout is small, so that a path that shrank still answers.
    int mtu = c.pto.probes(Conn.APP) > 0 ? Path.BASE_MTU : c.mtu();
    byte mark = c.watch.mark();
    int room = run.room(mtu, mark);
    if (room == 0) {
      endRun();
      room = run.room(mtu, mark);
    }
    int built = bulk.build(now, bulk.fits(Math.min(room, most), mtu, budget), mtu, mark);
    budget -= (long) built * mtu;
    return built > 0 ? built : datagram(now, mtu, mark) ? 1 : 0;
  }

  /** Builds one datagram at the end of the run; false when there is nothing (more) to send. */
  private boolean datagram(long now, int mtu, byte mark) {
    int room = (int) Math.min(mtu, c.path().sendAllowance());
    int off = run.len();
    int at = off;
    packets = 0;
    for (int l : LEVELS) {
      int next = packet(now, l, at, off + room, room);
      at = Math.max(at, next);
    }
    if (packets == 0) {
      return false;
    }
    int length = finish(now, off, mtu, mark);
    run.close(length, mark);
    c.path().onSent(length);
    if (length < mtu) {
      endRun();
    }
    return true;
  }

  /** Builds one packet; returns its end with tag, or -1 when this level has nothing to send. */
  private int packet(long now, int l, int at, int limit, int room) {
    Space s = c.spaces[l];
    if (c.keys.tx(l) == null || limit - at < LEAST_ROOM || c.recovery.sent(l).stuck()) {
      return -1;
    }
    int probes = c.pto.probes(l);
    boolean rides = l != Conn.APP && rideAlong > 0;
    boolean open = budget >= c.mtu() || probes > 0 || rides;
    boolean hold = l == Conn.INITIAL && c.server && room < Limits.MIN_INITIAL_DATAGRAM;
    starved |= !open && payload.wants(l);
    boolean data = open && !hold && !c.recovery.sent(l).full() && payload.wants(l);
    boolean ping = (probes > 0 || l != Conn.APP && s.ackDue(now) && asks(l)) && !hold;
    // RFC 9000 section 17.2.3: no acknowledgements in 0-RTT packets.
    boolean early = l == Conn.APP && c.keys.sendsEarly();
    if (!data && !ping && (early || !s.ackDue(now))) {
      return -1;
    }
    int type = early ? Conn.EARLY : l;
    long pn = s.pn.next();
    int pnLen = PacketNumber.length(pn, s.pn.largestAcked());
    int numberAt = header(type, at, limit - c.keys.tag(l) - 8, pn, pnLen);
    if (numberAt < 0) {
      return -1;
    }
    byte[] slab = c.net.slab();
    int body = numberAt + pnLen;
    w.wrap(slab, body, limit - c.keys.tag(l) - body);
    SentPackets sent = c.recovery.sent(l);
    sent.begin();
    // RFC 9000 section 13.2.1: when packets are sent anyway. Nothing else makes good a lost
    // acknowledgement while the peer waits for it and sends again what arrived long ago.
    boolean acks = !early && (s.ackPending() || probes > 0) && payload.ack(w, s, now);
    boolean elicits = data && payload.frames(now, w, l);
    if (ping && !elicits) {
      FrameWriter.bare(w, 0x01);
      sent.note(SentPackets.PING, 0, 0, 0, false);
      elicits = true;
    }
    if (w.position() == body) {
      sent.rollback();
      return -1;
    }
    if (acks) {
      s.onAckSent();
    }
    // RFC 9001 section 5.4.2: enough bytes to sample.
    w.zeros(Math.max(0, 4 - (w.position() - numberAt)));
    note(type, at, numberAt, w.position(), pn, elicits);
    return w.position() + c.keys.tag(l);
  }

  private boolean asks(int level) {
    return relief.asks(level) || c.frames.bareProbes.asks(level);
  }

  private int header(int l, int at, int limit, long pn, int pnLen) {
    byte[] slab = c.net.slab();
    if (l == Conn.APP) {
      if (at + 1 + c.dcid().length() + pnLen > limit) {
        return -1;
      }
      int numberAt = HeaderWriter.writeShort(slab, at, c.dcid(), c.keys.sendPhase(), pn, pnLen);
      c.bits.decorate(slab, at);
      return numberAt;
    }
    byte[] token = l == Conn.INITIAL && !c.server ? c.token : NO_TOKEN;
    boolean initial = l == Conn.INITIAL;
    int size = HeaderWriter.longSize(c.dcid(), c.scids.current(), token.length, initial, pnLen);
    if (at + size > limit) {
      return -1;
    }
    int version = l == Conn.EARLY ? c.versions.earlyWire() : c.wire;
    return HeaderWriter.writeLong(slab, at, version, l, c.dcid(), c.scids.current(), token, pnLen);
  }

  private void note(int l, int at, int numberAt, int behind, long pn, boolean elicits) {
    int i = packets++;
    start[i] = at;
    pnOff[i] = numberAt;
    end[i] = behind;
    level[i] = l;
    number[i] = pn;
    eliciting[i] = elicits;
    padded[i] = false;
    c.space(l).pn.takeNext();
  }

  /** Pads, seals long-header packets, records what was sent. Returns the datagram's length. */
  private int finish(long now, int off, int mtu, byte mark) {
    int last = packets - 1;
    boolean initial = level[0] == Conn.INITIAL;
    if (initial && (!c.server || eliciting[0]) || relief.fills(level[0])) {
      // RFC 9000 section 14.1.
      int least = Math.min(mtu, Limits.MIN_INITIAL_DATAGRAM);
      int missing = least - (end[last] + c.keys.tag(level[last]) - off);
      if (missing > 0) {
        Arrays.fill(c.net.slab(), end[last], end[last] + missing, (byte) 0);
        end[last] += missing;
        padded[last] = true;
      }
    }
    for (int i = 0; i < packets; i++) {
      int body = pnOff[i] + (c.net.slab()[start[i]] & 3) + 1;
      c.details.frames(now, true, level[i], number[i], c.net.slab(), body, end[i] - body);
      seal(i);
    }
    for (int i = 0; i < packets; i++) {
      record(now, i, mark);
    }
    return end[last] + c.keys.tag(level[last]) - off;
  }

  private void seal(int i) {
    if (level[i] == Conn.APP) {
      run.add(start[i], pnOff[i], end[i], number[i]);
      return;
    }
    run.others();
    byte[] slab = c.net.slab();
    PacketProtection tx = c.keys.tx(level[i] == Conn.EARLY ? Conn.APP : level[i]);
    if (tx != null) {
      int pnLen = (slab[start[i]] & 3) + 1;
      HeaderWriter.finishLong(slab, pnOff[i], pnLen, number[i], end[i] + TAG);
      tx.seal(slab, start[i], pnOff[i], end[i], number[i]);
    }
  }

  private void record(long now, int i, byte mark) {
    int bytes = end[i] + c.keys.tag(level[i]) - start[i];
    // RFC 9002 section 2: padding counts as in flight, acknowledgements alone do not.
    boolean inFlight = eliciting[i] || padded[i];
    int space = level[i] == Conn.EARLY ? Conn.APP : level[i];
    boolean probe = c.pto.probes(space) > 0;
    c.recovery.onSent(space, number[i], now, bytes, eliciting[i], inFlight);
    c.watch.onSent(space, number[i], mark);
    c.sink.packetSent(now, c.cookie, level[i], number[i], bytes, eliciting[i]);
    if (inFlight) {
      budget -= bytes;
      rideAlong -= space == Conn.APP ? 0 : 1;
      if (!probe) {
        c.pacer.onSent(now, bytes, c.mtu());
      }
    }
    if (eliciting[i]) {
      c.life.onElicitingSent(now);
    }
    if (level[i] == Conn.HANDSHAKE && !c.server) {
      // RFC 9001 section 4.9.1: a client drops Initial keys when it first sends Handshake.
      c.keys.discard(now, Conn.INITIAL);
    }
  }

  /** Seals the 1-RTT packets of the run and sends it. */
  private void endRun() {
    if (run.len() == 0) {
      return;
    }
    PacketProtection tx = c.spaces[Conn.APP].tx;
    long wire = 0;
    if (run.packets > 0 && tx != null) {
      c.keys.onSent(run.firstPn);
      wire = run.seal(tx, c.net.slab());
    }
    if (!c.net.transmit(c.path(), run.len(), run.segment(), run.mark(), wire)) {
      c.watch.onTooBig(run.segment());
    }
    run.clear();
  }

  /** A datagram of its own: the challenge and the responses due on a path, padded. */
  void probe(long now, Path path) {
    int room = (int) Math.min(Limits.MIN_INITIAL_DATAGRAM, path.sendAllowance());
    if (!beginAlone(path, room)) {
      return;
    }
    boolean challenges = path.challengeDue();
    if (challenges) {
      FrameWriter.path(w, FrameType.PATH_CHALLENGE, path.challenge());
    }
    while (path.hasResponse() && w.remaining() > Path.CHALLENGE_BYTES) {
      FrameWriter.path(w, FrameType.PATH_RESPONSE, path.pollResponse());
    }
    // RFC 9000 sections 8.2.1 and 8.2.2: as large as the smallest allowed maximum. Where that is
    // too much, what is allowed is better spent on acknowledgements.
    w.zeros(room == Limits.MIN_INITIAL_DATAGRAM ? w.remaining() : 0);
    int bytes = endAlone(now, false);
    path.onSent(bytes);
    if (challenges) {
      path.onChallengeSent(now, bytes);
    }
    c.net.transmit(path, bytes, bytes);
  }

  /** A PING of exactly this many bytes to try the path's MTU; not while a run is being built. */
  void mtuProbe(long now, int room) {
    Path path = c.path();
    if (!beginAlone(path, room)) {
      return;
    }
    FrameWriter.bare(w, FrameType.PING);
    w.zeros(w.remaining());
    long pn = c.spaces[Conn.APP].pn.next();
    int bytes = endAlone(now, true);
    path.onSent(bytes);
    path.search().onProbeSent(pn, bytes);
    c.recovery.sent(Conn.APP).tag(pn, SentPackets.MTU_PROBE);
    c.life.onElicitingSent(now);
    if (!c.net.transmit(path, bytes, bytes, (byte) 0, 0)) {
      path.search().refuse(bytes, now);
    }
  }

  /** Begins a 1-RTT packet that fills a datagram of its own; false when it may not be sent. */
  private boolean beginAlone(Path path, int room) {
    Space s = c.spaces[Conn.APP];
    boolean full = c.recovery.sent(Conn.APP).full();
    if (s.tx == null || room < LEAST_ROOM || full || !c.dcids.live(path.dcid())) {
      return false;
    }
    long pn = s.pn.next();
    int pnLen = PacketNumber.length(pn, s.pn.largestAcked());
    ConnId dcid = c.dcids.id(path.dcid());
    int at = HeaderWriter.writeShort(c.net.slab(), 0, dcid, c.keys.sendPhase(), pn, pnLen);
    c.bits.decorate(c.net.slab(), 0);
    aloneAt = at;
    w.wrap(c.net.slab(), at + pnLen, room - s.tx.tag() - at - pnLen);
    return true;
  }

  /**
   * Seals the packet and records it.
   *
   * @param inFlight false where its loss says nothing about the active path
   * @return the datagram's length
   */
  private int endAlone(long now, boolean inFlight) {
    Space s = c.spaces[Conn.APP];
    long pn = s.pn.next();
    int behind = w.position();
    SentPackets sent = c.recovery.sent(Conn.APP);
    sent.begin();
    sent.note(SentPackets.PING, 0, 0, 0, false);
    s.pn.takeNext();
    c.keys.onSent(pn);
    PacketProtection tx = s.tx;
    if (tx != null) {
      int body = aloneAt + (c.net.slab()[0] & 3) + 1;
      c.details.frames(now, true, Conn.APP, pn, c.net.slab(), body, behind - body);
      tx.seal(c.net.slab(), 0, aloneAt, behind, pn);
    }
    int bytes = behind + c.keys.tag(Conn.APP);
    c.recovery.onSent(Conn.APP, pn, now, bytes, true, inFlight);
    c.sink.packetSent(now, c.cookie, Conn.APP, pn, bytes, true);
    return bytes;
  }
}
