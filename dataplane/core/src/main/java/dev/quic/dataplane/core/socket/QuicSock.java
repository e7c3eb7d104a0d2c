package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EAFNOSUPPORT;
import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.EISCONN;
import static dev.quic.uapi.Errno.ENETUNREACH;
import static dev.quic.uapi.Errno.ENOTCONN;
import static dev.quic.uapi.Errno.EPIPE;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.stream.Stream;
import dev.quic.dataplane.core.timer.TimerTable;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * The socket: state, names, sendmsg and recvmsg, poll; options are in {@link Options}, streams in
 * {@link StreamCalls}, the connection in {@link Conn}. The connection outlives close until drained.
 */
public final class QuicSock extends SockState {
  private static final int SEND_FLAGS =
      QuicUapi.MSG_QUIC_STREAM_NEW
          | QuicUapi.MSG_QUIC_STREAM_FIN
          | QuicUapi.MSG_QUIC_STREAM_UNI
          | QuicUapi.MSG_QUIC_STREAM_SNDBLOCK
          | QuicUapi.MSG_QUIC_STREAM_DONTWAIT
          | QuicUapi.MSG_QUIC_DATAGRAM
          | QuicUapi.MSG_BATCH
          | QuicUapi.MSG_MORE
          | QuicUapi.MSG_DONTWAIT
          | QuicUapi.MSG_NOSIGNAL
          | QuicUapi.MSG_WAITALL;

  private final StreamCalls streams = new StreamCalls(this);
  private final Options options = new Options(this);
  private @Nullable Listener listener;
  private @Nullable QuicSock parent;

  /** UDP port whose share is the socket's own; an accepted socket's is its listener's. */
  int port = -1;

  private @Nullable SockAddr bound;

  private final FirstInitial initial = new FirstInitial();

  public QuicSock(NetPort net, int family) {
    super(net, family);
  }

  @Override
  QuicSock self() {
    return this;
  }

  Options options() {
    return options;
  }

  StreamCalls streams() {
    return streams;
  }

  void onPeerOpened(Stream s) {
    streams.onPeerOpened(s);
    net.events().streamOpened(lastTime, cookie, s.id(), false);
  }

  // --- for the net

  /** When {@link #onTimer} is due. */
  public long deadline() {
    Conn c = conn;
    return c == null || released ? TimerTable.NEVER : c.timers.next();
  }

  /** UDP port handle, -1 when not bound. */
  public int port() {
    return port;
  }

  /** What a listener claims; null before listen. */
  public @Nullable Claim claim() {
    Listener l = listener;
    return l == null ? null : l.claim();
  }

  public boolean backlogFull() {
    Listener l = listener;
    return l == null || l.full();
  }

  int backlog() {
    Listener l = listener;
    return l == null ? 0 : l.backlog();
  }

  /** Connections nobody accepted yet. */
  int waiting() {
    Listener l = listener;
    return l == null ? 0 : l.size();
  }

  /** A datagram for this connection. */
  public void onDatagram(
      long now, byte[] buf, int off, int len, int ecn, SockAddr local, SockAddr remote, int by) {
    lastTime = now;
    Conn c = conn;
    if (c != null && !released) {
      c.receiver.onDatagram(now, buf, off, len, ecn, local, remote, by);
      net.touch(this);
    }
  }

  /** Whether the datagram ends in a reset token of this connection's peer; then it is over. */
  public boolean onStatelessReset(long now, byte[] buf, int off, int len) {
    lastTime = now;
    Conn c = conn;
    if (c == null || released || !c.closer.live() || !c.receiver.isReset(buf, off, len)) {
      return false;
    }
    c.closer.onReset(now);
    return true;
  }

  /**
   * Takes a client's first Initial for this listener.
   *
   * @return whether a connection came of it
   */
  public boolean onInitial(
      long now,
      byte[] buf,
      int off,
      int len,
      int ecn,
      SockAddr local,
      SockAddr remote,
      FirstContact contact) {
    Listener l = listener;
    if (l == null) {
      return false;
    }
    QuicSock child = new QuicSock(net, remote.isV4() ? QuicUapi.AF_INET : QuicUapi.AF_INET6);
    child.maker(uid(), pid());
    child.startServer(now, this, local, remote, contact);
    child.onDatagram(now, buf, off, len, ecn, local, remote, port);
    Conn c = child.conn;
    if (c == null || !c.receiver.anyProcessed() || !c.closer.live()) {
      boolean answers = c != null && c.closer.closing();
      child.freed = true;
      if (!answers) {
        child.release();
      }
      return false;
    }
    child.parent = this;
    l.add(child);
    wakeLater(POLL_IN);
    return true;
  }

  /** The QUIC versions clients may use, preferred first. */
  public int[] versions() {
    return VersionsOption.effective(settings);
  }

  /** Whether clients must prove their address before anything is kept of them. */
  public boolean validatesAddress() {
    return settings.validatePeerAddress != 0;
  }

  private void startServer(
      long now, QuicSock from, SockAddr local, SockAddr remote, FirstContact contact) {
    lastTime = now;
    ConnId dcid = contact.dcid();
    AddressProof proof = contact.proof();
    settings = from.settings.inherit();
    notes().queue().mask(settings.eventMask);
    port = from.port;
    net.share(port);
    net.adopt(this);
    bound = local;
    ConnId scid = contact.scid().isEmpty() ? net.newConnId() : contact.scid();
    Path path = new Path(local, remote, port, proof.validated());
    Conn c = new Conn(this, true, path, scid, dcid, contact.version());
    contact.count(now, c);
    ConnId original = proof.originalDcid();
    c.originalDcid = original == null ? dcid : original;
    c.local.originalDestId = c.originalDcid;
    if (original != null) {
      // RFC 9000 section 7.3: the client's next Initials carry the Retry's source id.
      c.retryScid = dcid;
      c.local.retrySourceId = dcid;
    }
    if (c.local.statelessReset) {
      c.local.resetToken = net.secret().resetToken(scid.toBytes());
    }
    c.keys.initial(dcid.toBytes());
    conn = c;
    net.route(scid, this);
    initial.route(net, dcid, remote, this);
    c.announce(now);
    setState(now, QuicUapi.QUIC_SS_ESTABLISHING);
    c.life.armIdle(now);
  }

  /** Runs what is due. */
  public void onTimer(long now) {
    lastTime = now;
    Conn c = conn;
    if (c == null || released) {
      return;
    }
    int kind;
    while ((kind = c.timers.pollDue(now)) >= 0) {
      switch (kind) {
        case TimerTable.LOSS -> {
          if (c.recovery.onTimeout(now)) {
            c.watch.onProbeTimeout(now);
          }
        }
        case TimerTable.IDLE -> c.closer.onIdle(now);
        case TimerTable.PATH -> c.migration.onTimer(now);
        case TimerTable.CLOSE -> {
          c.closer.onTimer();
          release();
          return;
        }
        case TimerTable.KEY_DISCARD -> c.keys.discardPrevious();
        case TimerTable.EARLY_DISCARD -> c.keys.discardEarly(now);
        case TimerTable.KEEPALIVE -> c.life.onKeepalive(now);
        // SACK and PACE only ask for a flush.
        default -> {}
      }
    }
    net.touch(this);
  }

  /** Sends what is due and wakes who waits; once per turn. */
  public void flush(long now) {
    lastTime = now;
    Conn c = conn;
    if (c != null && !released) {
      c.closer.checkLimits(now);
      if (c.closer.live()) {
        // Before anything else goes by a new path.
        c.migration.flush(now);
        c.sender.flush(now);
      } else {
        c.closer.flush(now);
      }
    }
    int mask = takeWakes();
    if (mask != 0 && !freed) {
      net.wake(this, mask);
    }
  }

  @Override
  void onEstablished(long now) {
    super.onEstablished(now);
    initial.handshakeOver(net);
  }

  /** Gives up ids, addresses and port: the connection is over for good. */
  private void release() {
    Conn c = conn;
    if (released) {
      return;
    }
    released = true;
    if (c != null) {
      c.scids.forEach(net::unroute);
      initial.unroute(net, this);
      c.migration.release();
      c.backlog.clear();
      c.keys.destroy();
      c.sink.connectionForgotten(lastTime, cookie);
      c.timers.cancelAll();
    }
    unbind();
    QuicSock p = parent;
    if (p != null && p.listener != null) {
      // It waited to be accepted: nobody will ever read what it holds.
      p.listener.remove(this);
      parent = null;
      freed = true;
    }
    if (freed) {
      if (c != null) {
        c.flow.free();
      }
      net.forget(this);
    }
  }

  private void unbind() {
    if (port >= 0) {
      net.unbind(port);
      port = -1;
    }
  }

  // --- the calls

  @Override
  public boolean isServer() {
    Conn c = conn;
    return c != null ? c.server : listener != null;
  }

  @Override
  public int bind(long now, SockAddr local) {
    if (port >= 0 || conn != null) {
      return -EINVAL;
    }
    if (family() == QuicUapi.AF_INET && !local.isV4()) {
      return -EAFNOSUPPORT;
    }
    if (settings.v6only && local.isV4()) {
      return -EINVAL;
    }
    int p = net.bind(local, false, settings.v6only);
    if (p < 0) {
      return p;
    }
    port = p;
    bound = local.withPort(net.address(p).port());
    return 0;
  }

  @Override
  public int listen(long now, int backlog) {
    Listener l = listener;
    if (l != null) {
      l.backlog(backlog);
      return 0;
    }
    if (conn != null || port < 0) {
      return -EINVAL;
    }
    Claim claim = BindOptions.claim(this);
    int r = net.addListener(this, claim);
    if (r < 0) {
      return r;
    }
    listener = new Listener(backlog, claim);
    setState(now, QuicUapi.QUIC_SS_LISTENING);
    return 0;
  }

  @Override
  public int connect(long now, SockAddr remote) {
    lastTime = now;
    if (listener != null || conn != null) {
      return -EISCONN;
    }
    if (remote.port() == 0 || remote.isAny()) {
      return -EINVAL;
    }
    if (family() == QuicUapi.AF_INET && !remote.isV4()) {
      return -EAFNOSUPPORT;
    }
    SockAddr source = bound;
    if (source == null || source.isAny()) {
      source = net.routeSource(remote);
      if (source == null) {
        return -ENETUNREACH;
      }
    }
    if (port < 0) {
      int p = net.bindEphemeral(SockAddr.any(family(), 0), settings.v6only);
      if (p < 0) {
        return p;
      }
      port = p;
      bound = net.address(p);
    }
    startClient(now, source.withPort(net.address(port).port()), remote);
    return 0;
  }

  private void startClient(long now, SockAddr local, SockAddr remote) {
    QuicVersion v = QuicVersion.of(settings.version);
    QuicVersion version = v == null ? QuicVersion.V1 : v;
    ConnId scid = net.newConnId();
    ConnId dcid = ConnId.ofKey(net.publicRandom());
    Conn c = new Conn(this, false, new Path(local, remote, port, true), scid, dcid, version);
    c.versions.start(settings.version);
    c.token = peerToken();
    c.keys.initial(dcid.toBytes());
    conn = c;
    net.route(scid, this);
    c.announce(now);
    setState(now, QuicUapi.QUIC_SS_ESTABLISHING);
    c.life.armIdle(now);
    options.applyRemembered(c);
    net.touch(this);
  }

  @Override
  public @Nullable Sock accept(long now) {
    Listener l = listener;
    QuicSock child = l == null ? null : l.poll();
    if (child != null) {
      child.parent = null;
    }
    return child;
  }

  @Override
  public int sendmsg(long now, Msg msg, byte[] buf, int off, int len) {
    lastTime = now;
    if ((msg.flags & ~SEND_FLAGS) != 0 || !StreamCalls.validControl(msg)) {
      return -EINVAL;
    }
    Conn c = conn;
    if (c == null || listener != null || !c.closer.live()) {
      return -EPIPE;
    }
    if (msg.cmsg == QuicUapi.QUIC_HANDSHAKE_INFO) {
      return HandshakeCalls.send(this, c, msg, buf, off, len);
    }
    if ((msg.flags & QuicUapi.MSG_QUIC_DATAGRAM) != 0) {
      net.touch(this);
      return datagrams().send(c, buf, off, len);
    }
    return streams.send(c, msg, buf, off, len);
  }

  @Override
  public int recvmsg(long now, Msg msg, byte[] buf, int off, int len) {
    lastTime = now;
    int flags = msg.flags;
    msg.reset();
    boolean consume = (flags & QuicUapi.MSG_PEEK) == 0;
    int n =
        handshakeElsewhere ? -EAGAIN : HandshakeCalls.receive(conn, msg, buf, off, len, consume);
    if (n == -EAGAIN && !notes().queue().isEmpty()) {
      int left = notes().queue().headRemaining();
      n = notes().queue().read(buf, off, len, consume);
      msg.flags = QuicUapi.MSG_QUIC_NOTIFICATION | (n == left ? QuicUapi.MSG_EOR : 0);
    }
    Conn c = conn;
    if (c == null || !c.early.deliverable()) {
      // 0-RTT data waits for the handshake, as in the kernel.
      return n == -EAGAIN && over() ? -ENOTCONN : n;
    }
    if (n == -EAGAIN && datagrams().readable()) {
      n = datagrams().read(msg, buf, off, len, consume);
    }
    if (n == -EAGAIN) {
      n = streams.receive(c, msg, buf, off, len, consume);
    }
    return n == -EAGAIN && over() ? -ENOTCONN : n;
  }

  /** Nothing more will come: closed, a listener, or never connected. */
  private boolean over() {
    return state() == QuicUapi.QUIC_SS_CLOSED || listener != null;
  }

  @Override
  public int recvHandshake(long now, Msg msg, byte[] buf, int off, int len) {
    int flags = msg.flags;
    msg.reset();
    int n = HandshakeCalls.receive(conn, msg, buf, off, len, (flags & QuicUapi.MSG_PEEK) == 0);
    return n == -EAGAIN && over() ? -ENOTCONN : n;
  }

  @Override
  public void handshakeOwnedElsewhere(boolean elsewhere) {
    handshakeElsewhere = elsewhere;
    if (!elsewhere && HandshakeCalls.waiting(conn)) {
      readable();
    }
  }

  @Override
  public int setsockopt(long now, int level, int name, byte[] value) {
    lastTime = now;
    return options.set(now, level, name, value);
  }

  @Override
  public int getsockopt(long now, int level, int name, byte[] value, int len) {
    lastTime = now;
    return options.get(now, level, name, value, len);
  }

  @Override
  public int shutdown(long now, int how) {
    lastTime = now;
    if (how < 0 || how > 2) {
      return -EINVAL;
    }
    Conn c = conn;
    if (c == null || !c.closer.live()) {
      return -ENOTCONN;
    }
    if (how != 0) {
      closeConnection(now, c);
    }
    return 0;
  }

  private void closeConnection(long now, Conn c) {
    if (c.closer.live()) {
      // What the window lets out still goes before the CONNECTION_CLOSE.
      c.flow.corked = false;
      handshakeCorked = false;
      c.sender.flush(now);
      c.closer.close(now, options.closeCode(), options.closePhrase());
    }
  }

  @Override
  public void close(long now) {
    lastTime = now;
    if (freed) {
      return;
    }
    freed = true;
    Listener l = listener;
    if (l != null) {
      net.removeListener(this);
      for (QuicSock child = l.poll(); child != null; child = l.poll()) {
        child.parent = null;
        child.close(now);
      }
      listener = null;
      setState(now, QuicUapi.QUIC_SS_CLOSED);
    }
    Conn c = conn;
    if (c != null && !released) {
      closeConnection(now, c);
      if (c.closer.dead()) {
        release();
      }
      return;
    }
    if (c != null) {
      c.flow.free();
    }
    if (!released) {
      release();
    } else {
      net.forget(this);
    }
  }

  @Override
  public int poll() {
    Listener l = listener;
    if (l != null) {
      return l.isEmpty() ? 0 : POLL_IN;
    }
    return pollConnection();
  }

  @Override
  public SockAddr sockname() {
    Conn c = conn;
    if (c != null) {
      return c.path().local();
    }
    SockAddr b = bound;
    return b == null ? SockAddr.any(family(), 0) : b;
  }

  @Override
  public @Nullable SockAddr peername() {
    Conn c = conn;
    return c == null ? null : c.path().remote();
  }

  @Override
  public long ioctl(int request) {
    Conn c = conn;
    if (listener != null) {
      return -EINVAL;
    }
    return switch (request) {
      case 0x541b -> c == null ? 0 : c.flow.unread() + datagrams().unread();
      case 0x5411 -> c == null ? 0 : c.flow.buffered();
      case 0x894b -> c == null ? 0 : c.flow.unsent();
      // ENOIOCTLCMD reaches programs as ENOTTY.
      default -> -25;
    };
  }
}
