package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.ENETUNREACH;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.frame.PreferredAddress;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.path.Path;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * This side's own moves: to another local address because its program says so (RFC 9000 section
 * 9.2; a server only where its client offered to follow, as the kernel's do), and to the server's
 * preferred address (section 9.6). One at a time; the connection stays where it is until the new
 * path answered.
 */
final class LocalMove {
  /** Sequence number of the preferred address's connection id (RFC 9000 section 5.1.1). */
  private static final long PREFERRED_ID = 1;

  private final Conn c;
  private final PathProber prober;
  private final SockAddr handshakeRemote;
  private @Nullable Path moving;
  private @Nullable Path moved;
  private boolean byProgram;

  /** The path before the last own move, until the peer is seen on the new one. */
  private @Nullable Path left;

  LocalMove(Conn c, PathProber prober) {
    this.c = c;
    this.prober = prober;
    handshakeRemote = c.path().remote();
  }

  /** Whether a move is under way, or may soon be. */
  boolean pending() {
    TransportParams p = c.remote;
    boolean preferred = p != null && p.preferredAddress != null && !c.server;
    return moving != null || preferred && !c.life.confirmed();
  }

  /**
   * The CONNECTION_MIGRATION option of an established connection: binds the address and asks the
   * peer there.
   *
   * @return 0; -EINVAL for another family, the present address, a server whose client follows
   *     nobody, or where the peer forbade it; -EAGAIN while a move is under way, before the
   *     handshake is confirmed, and without a spare id of the peer's; what binding says
   */
  int migrate(long now, SockAddr to) {
    TransportParams p = c.remote;
    SockAddr present = c.path().local();
    if (p == null || c.server && !p.followsServer) {
      return -EINVAL;
    }
    if (to.isV4() != present.isV4() || to.sameEndpoint(present)) {
      return -EINVAL;
    }
    if (p.disableActiveMigration && c.path().remote().sameEndpoint(handshakeRemote)) {
      // RFC 9000 section 18.2: holds until a preferred address was taken up.
      return -EINVAL;
    }
    if (pending() || !c.life.confirmed()) {
      return -EAGAIN;
    }
    long id = c.dcid().isEmpty() ? c.path().dcid() : c.dcids.spare();
    if (id < 0) {
      return -EAGAIN;
    }
    int port = c.net.bind(to, false);
    if (port < 0) {
      return port;
    }
    SockAddr source = to.isAny() ? c.net.routeSource(c.path().remote()) : to;
    if (source == null) {
      c.net.unbind(port);
      return -ENETUNREACH;
    }
    SockAddr local = source.withPort(c.net.address(port).port());
    byProgram = true;
    boolean begun = begin(now, new Path(local, c.path().remote(), port, true), id, true);
    return begun ? 0 : -EAGAIN;
  }

  private boolean begin(long now, Path path, long id, boolean ownsPort) {
    path.ownsPort(ownsPort);
    if (!c.paths.add(path)) {
      if (ownsPort) {
        c.net.unbind(path.port());
      }
      return false;
    }
    c.dcids.reserve(id);
    path.dcid(id);
    path.wanted(true);
    moving = path;
    prober.challenge(now, path);
    c.migration.arm();
    return true;
  }

  /** The handshake is confirmed: asks at the preferred address, if the server has one. */
  void onConfirmed(long now) {
    TransportParams p = c.remote;
    PreferredAddress a = p == null ? null : p.preferredAddress;
    if (c.server || a == null || !c.dcids.live(PREFERRED_ID)) {
      return;
    }
    SockAddr to = choose(a);
    if (to == null || to.sameEndpoint(c.path().remote())) {
      return;
    }
    SockAddr present = c.path().local();
    SockAddr bound = c.net.address(c.path().port());
    boolean fits = to.isV4() == present.isV4() || bound.isAny() && !bound.isV4();
    SockAddr source = to.isV4() == present.isV4() && !bound.isAny() ? present : null;
    source = source == null ? c.net.routeSource(to) : source;
    int family = to.isV4() ? QuicUapi.AF_INET : QuicUapi.AF_INET6;
    int port = fits ? c.path().port() : c.net.bind(SockAddr.any(family, 0), false);
    if (port < 0) {
      return;
    }
    if (source == null) {
      if (!fits) {
        c.net.unbind(port);
      }
      return;
    }
    byProgram = false;
    SockAddr local = source.withPort(c.net.address(port).port());
    begin(now, new Path(local, to, port, true), PREFERRED_ID, !fits);
  }

  /** The family in use if the server offers it, else the other if it can be reached. */
  private @Nullable SockAddr choose(PreferredAddress a) {
    boolean four = c.path().remote().isV4();
    SockAddr same = four ? a.v4() : a.v6();
    if (same != null) {
      return same;
    }
    SockAddr other = four ? a.v6() : a.v4();
    boolean able = c.sock.family() != QuicUapi.AF_INET;
    return other != null && able && c.net.routeSource(other) != null ? other : null;
  }

  /** The connection moved: the socket has the new path's port, the old path keeps the old one's. */
  void onMoved(Path old, Path path) {
    if (path != moving) {
      return;
    }
    moving = null;
    moved = path;
    left = old;
    if (path.ownsPort()) {
      path.ownsPort(false);
      old.ownsPort(true);
      c.sock.port = path.port();
    }
    // Something that is not merely a probe tells the server.
    c.flow.owed |= Flow.OWES_PING;
  }

  /** Whether a path is where this side goes by itself. */
  boolean goesTo(Path path) {
    return path == moving;
  }

  /**
   * A non-probing packet came by a path: whether it says nothing about where the peer is, which may
   * not have heard yet that we moved.
   */
  boolean stale(Path path) {
    if (path == left) {
      return true;
    }
    left = path == c.path() ? null : left;
    return false;
  }

  /**
   * Whether this side goes where the peer's packets come from: a server does; a client only where
   * the server, too, said that it may move, and not back from the preferred address.
   */
  boolean follows(Path path) {
    TransportParams p = c.remote;
    return c.server || p != null && p.followsServer && !leftFor(p, path.remote());
  }

  /**
   * Whether a client takes packets from an address of the server's that is none of its paths' (RFC
   * 9000 section 9 has it discard those of unknown ones).
   */
  boolean hears(SockAddr remote) {
    TransportParams p = c.remote;
    return p != null && (p.followsServer || leftFor(p, remote));
  }

  private boolean leftFor(TransportParams p, SockAddr remote) {
    return p.preferredAddress != null && remote.sameEndpoint(handshakeRemote);
  }

  /** Whether the move to this path was our program's wish; asked once. */
  boolean takeMoved(Path path) {
    boolean own = path == moved && byProgram;
    moved = null;
    return own;
  }

  void onDropped(Path path) {
    if (path == moving) {
      moving = null;
    }
    left = path == left ? null : left;
  }
}
