package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.LongRing;
import dev.quic.dataplane.core.cong.Bbr;
import dev.quic.dataplane.core.cong.CongestionControl;
import dev.quic.dataplane.core.cong.Cubic;
import dev.quic.dataplane.core.cong.NewReno;
import dev.quic.dataplane.core.cong.Pacer;
import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.connid.DestConnIds;
import dev.quic.dataplane.core.connid.SourceConnIds;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.inqueue.Backlog;
import dev.quic.dataplane.core.outqueue.LossRecovery;
import dev.quic.dataplane.core.outqueue.ProbeTimeout;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.path.PathSet;
import dev.quic.dataplane.core.stream.StreamTable;
import dev.quic.dataplane.core.timer.TimerTable;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * A connection's state and the machines that work on it. The machines ({@link Receiver}, {@link
 * Sender}, {@link Closer} and so on) hold no state of the connection's of their own beyond their
 * task and meet here. Exists from connect or the first Initial until drained.
 */
final class Conn {
  static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  static final int EARLY = QuicUapi.QUIC_CRYPTO_EARLY;
  static final int SPACES = 3;

  final QuicSock sock;
  final NetPort net;
  final EventSink sink;
  final long cookie;
  final boolean server;
  final PathSet paths;
  final Space[] spaces = new Space[SPACES];
  final SourceConnIds scids;
  final DestConnIds dcids;

  /** Ids issued whose NEW_CONNECTION_ID is to be sent, by sequence number. */
  final LongRing newIds = new LongRing(2 * Limits.CONN_IDS);

  final Memory memory;
  final StreamTable streams;
  final Flow flow;
  final RttEstimator rtt;
  CongestionControl cc;
  final Pacer pacer;

  /** {@code QUIC_CONG_ALG_*} of {@link #cc}. */
  private int algorithm;

  final LossRecovery recovery;
  final ProbeTimeout pto;
  final TimerTable timers = new TimerTable();
  final Backlog backlog;
  final Keys keys;
  final Early early;
  final Receiver receiver;
  final Frames frames;
  final Sender sender;
  final Closer closer;
  final Lifecycle life;
  final Migration migration;
  final Versions versions;
  final PathWatch watch;
  final HeaderBits bits;
  final Details details;
  final SkippedNumbers skips = new SkippedNumbers(this);
  final TransportParams local;

  /** Null until the TLS side handed it over. */
  @Nullable TransportParams remote;

  /** Key schedule in use. */
  QuicVersion version;

  /**
   * Version in long headers; not {@link #version}'s only where a program asks for an unknown one.
   */
  int wire;

  /** Destination id of the client's first Initial. */
  ConnId originalDcid;

  /** Source id of the Retry a client followed. */
  @Nullable ConnId retryScid;

  /** Source id of the peer's first Initial; the handshake must vouch for it. */
  @Nullable ConnId peerScid;

  byte[] token = new byte[0];

  /** A server's NEW_TOKEN is owed or under way. */
  boolean tokenUnacked;

  Conn(QuicSock sock, boolean server, Path path, ConnId scid, ConnId dcid, QuicVersion version) {
    this.sock = sock;
    this.server = server;
    this.version = version;
    wire = version.wire();
    net = sock.net();
    sink = net.events();
    cookie = sock.cookie();
    local = sock.settings().local.copySettings();
    paths = new PathSet(path);
    scids = new SourceConnIds(scid);
    dcids = new DestConnIds(dcid);
    dcids.limit(local.activeConnIdLimit);
    dcids.tokens(new ResetRoutes(sock));
    originalDcid = dcid;
    memory = new Memory(net);
    backlog = new Backlog(memory.receiving());
    for (int level = 0; level < SPACES; level++) {
      spaces[level] = new Space(level, memory.sending(), memory.receiving());
    }
    streams = new StreamTable(server, memory.sending(), memory.receiving(), net.publicRandom());
    rtt = new RttEstimator(sock.settings().initialRtt);
    algorithm = sock.settings().congestionControl;
    cc = controller(algorithm, Path.BASE_MTU);
    pacer = new Pacer(Path.BASE_MTU);
    flow = new Flow(this);
    frames = new Frames(this);
    recovery = new LossRecovery(cc, rtt, frames.fate(), sink, cookie);
    pto = recovery.probeTimeout();
    watch = new PathWatch(this);
    bits = new HeaderBits(this);
    details = new Details(this);
    recovery.watch(watch);
    if (server) {
      pto.peerValidated();
      pto.flightComplete();
    }
    keys = new Keys(this);
    early = new Early(this);
    receiver = new Receiver(this);
    sender = new Sender(this);
    closer = new Closer(this);
    life = new Lifecycle(this);
    migration = new Migration(this);
    versions = new Versions(this, sock.settings());
    // RFC 9000 section 18.1: a parameter nobody knows, so that nobody comes to mind it.
    local.grease = net.publicRandom();
    local.initialSourceId = scid;
    local.followsServer = true;
    flow.applyLocal();
  }

  private CongestionControl controller(int kind, int mss) {
    return switch (kind) {
      case QuicUapi.QUIC_CONG_ALG_CUBIC -> new Cubic(mss);
      case QuicUapi.QUIC_CONG_ALG_BBR -> new Bbr(mss, net.publicRandom());
      default -> new NewReno(mss);
    };
  }

  /**
   * The program chose a controller while the connection is being set up: one that starts over but
   * for what is in flight.
   */
  void chooseController(long now) {
    int chosen = sock.settings().congestionControl;
    if (chosen != algorithm) {
      algorithm = chosen;
      CongestionControl next = controller(chosen, mtu());
      next.onPacketSent(now, (int) cc.bytesInFlight());
      cc = next;
      recovery.controller(next);
    }
  }

  /** Tells listeners that the connection is here. */
  void announce(long now) {
    ConnId id = originalDcid;
    sink.connectionStarted(
        now, cookie, server, wire, id.word(0), id.word(1), id.word(2), id.length());
    tellPath(now);
  }

  /** Tells listeners which path is in use. */
  void tellPath(long now) {
    SockAddr l = path().local();
    SockAddr r = path().remote();
    int ports = l.port() << 16 | r.port();
    sink.pathAssigned(now, cookie, l.hi(), l.lo(), r.hi(), r.lo(), ports);
  }

  Space space(int level) {
    return spaces[level == EARLY ? APP : level];
  }

  Path path() {
    return paths.active();
  }

  /** Destination id of what we send. */
  ConnId dcid() {
    return dcids.active();
  }

  /** Whether the peer's Initial or Handshake CRYPTO still waits here to be sent. */
  boolean handshakeCryptoPending() {
    return spaces[INITIAL].cryptoPending() || spaces[HANDSHAKE].cryptoPending();
  }

  /** Largest datagram to send on the active path. */
  int mtu() {
    return path().mtu();
  }

  /** Closes because of the peer: {@code error} and the type of the frame that caused it. */
  void fail(long now, long error, long frameType, String reason) {
    closer.fail(now, error, frameType, reason);
  }
}
