package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.outqueue.PacketWatch;
import dev.quic.dataplane.core.outqueue.SentPackets;
import dev.quic.dataplane.core.path.Ecn;
import dev.quic.dataplane.core.path.EcnCounts;
import dev.quic.dataplane.core.path.MtuRange;
import dev.quic.dataplane.core.path.MtuSearch;
import dev.quic.dataplane.core.path.Path;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * Lets the active path learn from its packets: whether ECN marks arrive (RFC 9000 section 13.4) and
 * how large datagrams may be (section 14.3). Sends the probes of the latter. Notices by itself when
 * another path became the active one.
 */
final class PathWatch implements PacketWatch {
  private static final int APP = Conn.APP;

  private final Conn c;
  private final EcnCounts counts = new EcnCounts();
  private final long[] reported = new long[3];

  /** The path whose MTU is searched for; null before the first search. */
  private @Nullable Path searched;

  private boolean searching;

  /** A datagram waits for a larger size, so a short connection searches, too. */
  private boolean wanted;

  private int reserved;
  private int knownMtu = Path.BASE_MTU;
  private int knownEcn = Ecn.TESTING;

  PathWatch(Conn c) {
    this.c = c;
  }

  /** The mark for what is sent on the active path now. */
  byte mark() {
    return c.sock.settings().ecn ? c.path().ecn().mark() : Ecn.NOT_ECT;
  }

  /** Whether the next packets are marked to find out what comes of it. */
  boolean testsEcn() {
    return c.sock.settings().ecn && c.path().ecn().state() == Ecn.TESTING;
  }

  /** A packet went out on the active path with this mark. */
  void onSent(int space, long pn, byte mark) {
    c.path().ecn().onSent(space, pn, mark);
    if (mark == Ecn.ECT0) {
      counts.onSent(space);
      c.recovery.sent(space).tag(pn, SentPackets.ECT0);
    }
  }

  @Override
  public void acked(long now, int level, long pn, int bytes, int tags) {
    Path path = c.path();
    counts.onAcked(level, pn, (tags & SentPackets.ECT0) != 0, path.ecn());
    if (level != APP) {
      return;
    }
    if ((tags & SentPackets.MTU_PROBE) != 0) {
      path.search().onProbeAcked(pn, now);
    } else {
      path.search().onAcked(pn, bytes);
    }
    mtuChanged(now);
  }

  @Override
  public void lost(long now, int level, long pn, int bytes, int tags) {
    Path path = c.path();
    if ((tags & SentPackets.ECT0) != 0 && path.ecn().owns(level, pn)) {
      path.ecn().onLost();
    }
    if (level != APP) {
      return;
    }
    if ((tags & SentPackets.MTU_PROBE) != 0) {
      path.search().onProbeLost(pn, now);
    } else {
      path.search().onLost(pn, bytes, nextPn(), now);
    }
    mtuChanged(now);
  }

  private long nextPn() {
    return c.spaces[APP].pn.next();
  }

  @Override
  public boolean onAckFrame(long now, int level, Frame f, boolean grew) {
    boolean has = f.type == FrameType.ACK_ECN;
    if (level == APP && grew) {
      c.migration.silence().onAcked(now);
    }
    reported[0] = f.ect0;
    reported[1] = f.ect1;
    reported[2] = f.ce;
    boolean congested = counts.onAckFrame(level, grew, has ? reported : null, c.path().ecn());
    ecnChanged(now);
    return congested;
  }

  /** A probe timeout, which the recovery has counted. */
  void onProbeTimeout(long now) {
    int count = c.pto.count();
    c.path().ecn().onProbeTimeout(count);
    ecnChanged(now);
    if (count >= Limits.MTU_SILENT_TIMEOUTS) {
      c.path().search().onSilence(nextPn(), now);
      mtuChanged(now);
    }
  }

  /** The system refused datagrams of this size: the interface's MTU fell. */
  void onTooBig(int bytes) {
    long now = c.sock.lastTime();
    if (bytes > Path.BASE_MTU) {
      c.path().search().onSilence(nextPn(), now);
      mtuChanged(now);
    } else {
      // RFC 9000 section 14.2: such a path is none for QUIC.
      c.fail(now, QuicUapi.QUIC_TRANSPORT_ERROR_NO_VIABLE_PATH, 0, "path below 1200 bytes");
    }
  }

  /** Starts or goes on searching for the path's MTU; before other things fill the window. */
  void flush(long now) {
    reserved = 0;
    if (!c.life.confirmed() || !wanted && nextPn() < Limits.MTU_SEARCH_AFTER) {
      return;
    }
    Path path = c.path();
    MtuSearch search = path.search();
    if (path != searched) {
      searched = path;
      search.start(range(path), nextPn(), raiseAfter());
      mtuChanged(now);
    } else if (search.raiseDue(now)) {
      search.again(range(path), now);
    }
    boolean calm = c.pto.count() == 0 && path.validated() && !c.recovery.sent(APP).full();
    int size = calm ? search.probe(now) : 0;
    if (size == 0) {
      return;
    }
    if (c.cc.available() < size) {
      reserved = c.cc.cwnd() >= Limits.MTU_RESERVE_WINDOW * (long) size ? size : 0;
      return;
    }
    c.sender.mtuProbe(now, size);
    mtuChanged(now);
  }

  /**
   * Bytes of the congestion window to be left free: data that is always waiting would never leave
   * room for a probe of several packets' size.
   */
  int reserved() {
    return reserved;
  }

  /** Whether a search under way may still find a datagram of so many bytes to pass. */
  boolean mtuMayReach(int bytes) {
    wanted = true;
    MtuSearch search = c.path().search();
    boolean begun = searched == c.path();
    int limit = begun ? search.limit() : range(c.path()).largest();
    return (!begun || search.searching()) && bytes <= limit;
  }

  private MtuRange range(Path path) {
    TransportParams p = c.remote;
    return c.net.mtuRange(path, p == null ? Path.BASE_MTU : p.maxUdpPayloadSize);
  }

  /** The kernel's: thirty times the interval a program asked for. */
  private long raiseAfter() {
    long interval = c.sock.settings().plpmtudProbeInterval;
    return interval == 0 ? Limits.MTU_RAISE_NANOS : 30 * interval;
  }

  private void mtuChanged(long now) {
    int mtu = c.mtu();
    boolean searches = c.path().search().searching();
    if (mtu != knownMtu) {
      c.sink.mtuUpdated(now, c.cookie, knownMtu, mtu, !searches);
      knownMtu = mtu;
      c.cc.mss(mtu);
      c.sock.unblocked();
    }
    if (!searches && searching) {
      // A datagram that waited for a larger size gets it, or learns that there is none.
      c.sock.unblocked();
    }
    searching = searches;
  }

  private void ecnChanged(long now) {
    int state = c.path().ecn().state();
    if (state != knownEcn) {
      knownEcn = state;
      c.sink.ecnState(now, c.cookie, state);
    }
  }
}
