package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.PacketNumber;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.outqueue.SentPackets;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.stream.SendBuffer;
import dev.quic.dataplane.core.stream.Stream;

/**
 * The bulk of an upload: datagrams of one 1-RTT packet each, full of one stream's data that never
 * went out before. What {@link Sender} would build one by one, with the questions asked once for
 * all of them.
 */
final class StreamRun {
  private static final int APP = Conn.APP;

  private final Conn c;
  private final PayloadWriter payload;
  private final PacketRun run;

  StreamRun(Conn c, PayloadWriter payload, PacketRun run) {
    this.c = c;
    this.payload = payload;
    this.run = run;
  }

  /**
   * How many datagrams may hold nothing but stream data now; 0 when anything else is to go first,
   * or to be asked.
   *
   * @param mtu bytes of a datagram
   * @param budget bytes that congestion control and pacing let out
   */
  int fits(int most, int mtu, long budget) {
    Space s = c.spaces[APP];
    boolean plain =
        s.tx != null
            && c.life.confirmed()
            && c.pto.probes(APP) == 0
            && !s.ackPending()
            && c.path().validated()
            && !c.watch.testsEcn()
            && !c.sink.detailed()
            && payload.onlyStreams();
    if (!plain) {
      return 0;
    }
    long tracked =
        Limits.SENT_PACKETS - (c.recovery.sent(APP).next() - c.recovery.sent(APP).base());
    return (int) Math.max(0, Math.min(Math.min(most, tracked), budget / mtu));
  }

  /**
   * Builds datagrams until a stream has no full one left.
   *
   * @return how many, at most {@code n}
   */
  int build(long now, int n, int mtu, byte mark) {
    int built = 0;
    int bytes = 0;
    while (built < n) {
      Stream stream = c.flow.sending.head();
      if (stream == null || !fills(stream, mtu)) {
        break;
      }
      bytes += packet(now, stream, mtu, mark);
      c.flow.sending.onPacket(mtu);
      built++;
    }
    if (built > 0) {
      payload.onData(now);
      c.flow.onFirstSent(bytes);
      c.path().onSent(built * mtu);
      c.pacer.onSent(now, (long) built * mtu, mtu);
      c.life.onElicitingSent(now);
    }
    return built;
  }

  /** Whether the stream has more than a packet's worth that never went out. */
  private static boolean fills(Stream stream, int mtu) {
    SendBuffer out = stream.out();
    return stream.sendPending() && !out.nextIsRetransmission() && out.unsent() > mtu;
  }

  /** Builds one datagram; returns the bytes of stream data in it. */
  private int packet(long now, Stream stream, int mtu, byte mark) {
    byte[] slab = c.net.slab();
    Space s = c.spaces[APP];
    ConnId dcid = c.dcid();
    int at = run.len();
    long pn = s.pn.takeNext();
    int pnLen = PacketNumber.length(pn, s.pn.largestAcked());
    int numberAt = HeaderWriter.writeShort(slab, at, dcid, c.keys.sendPhase(), pn, pnLen);
    c.bits.decorate(slab, at);
    SendBuffer out = stream.out();
    long offset = out.next();
    int data = FrameWriter.fillingStream(slab, numberAt + pnLen, stream.id(), offset);
    int end = at + mtu - c.keys.tag(APP);
    out.send(slab, data, end - data);
    run.add(at, numberAt, end, pn);
    run.close(mtu, mark);
    SentPackets sent = c.recovery.sent(APP);
    sent.begin();
    sent.note(SentPackets.STREAM, stream.id(), offset, end - data, false);
    c.recovery.onSent(APP, pn, now, mtu, true, true);
    c.watch.onSent(APP, pn, mark);
    c.sink.packetSent(now, c.cookie, APP, pn, mtu, true);
    return end - data;
  }
}
