package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.timer.TimerTable;
import org.jspecify.annotations.Nullable;

/**
 * Which path a connection uses (RFC 9000 section 9). A server follows its peer to a new address at
 * once, within that path's anti-amplification limit, challenges the new path and the old one, and
 * goes back when the new one does not answer. Before the handshake is confirmed nobody can be
 * challenged: it follows within that limit, and asks as soon as it can. After an address turned out
 * to be forged it asks first and moves later, for a while. A client moves where {@link LocalMove}
 * takes it, once the new path answered.
 */
final class Migration {
  /** How long new addresses must prove themselves first after one turned out forged, ns. */
  private static final long CAUTION = 30_000_000_000L;

  private final Conn c;
  private final PathProber prober;
  private final LocalMove local;
  private final PreferredOffer offer;
  private final Silence silence;

  // Whose round trip and window the connection has.
  private Path settled;
  // Where the latest datagram of no known path came from.
  private @Nullable Path newcomer;

  private long movedAt = Long.MIN_VALUE;
  private long cautiousUntil = Long.MIN_VALUE;

  Migration(Conn c) {
    this.c = c;
    prober = new PathProber(c);
    local = new LocalMove(c, prober);
    offer = new PreferredOffer(c);
    silence = new Silence(c);
    settled = c.path();
  }

  LocalMove local() {
    return local;
  }

  PreferredOffer offer() {
    return offer;
  }

  Silence silence() {
    return silence;
  }

  /** Sets the PATH timer for whatever is due first. */
  void arm() {
    c.timers.set(TimerTable.PATH, Math.min(c.paths.deadline(), silence.deadline()));
  }

  /** The path of a datagram's addresses, new ones included; null for one not to be processed. */
  @Nullable Path pathOf(SockAddr local, SockAddr remote, int port) {
    Path path = c.paths.find(local, remote);
    if (path != null) {
      return path;
    }
    if (!c.server) {
      Path known = relocated(local, remote, port);
      boolean open = known == null && c.life.confirmed() && this.local.hears(remote);
      return open ? stranger(local, remote, port) : known;
    }
    return stranger(local, remote, port);
  }

  /** One that is remembered until it is taken in, so that all that came from there counts. */
  private Path stranger(SockAddr local, SockAddr remote, int port) {
    Path path = newcomer;
    if (path == null || path.port() != port || !path.matches(local, remote)) {
      path = new Path(local, remote, port, false);
      path.dcid(Path.NO_ID);
      newcomer = path;
    }
    return path;
  }

  /** A client's own address as the system sees it may differ from what connect guessed. */
  private @Nullable Path relocated(SockAddr local, SockAddr remote, int port) {
    for (int i = 0; i < c.paths.size(); i++) {
      Path path = c.paths.get(i);
      if (path.port() == port && path.remote().sameEndpoint(remote)) {
        path.local(local);
        return path;
      }
    }
    return null;
  }

  // --- what the peer does

  /** The newest packet, not merely probing, came by this path: the peer is there now. */
  void onNonProbing(long now, Path path) {
    if (local.stale(path) || path != c.path() && !local.follows(path)) {
      return;
    }
    if (path == c.path()) {
      for (int i = 0; c.server && i < c.paths.size(); i++) {
        Path other = c.paths.get(i);
        other.wanted(local.goesTo(other));
      }
      return;
    }
    if (!c.paths.contains(path) && !admit(path)) {
      return;
    }
    if (!c.life.confirmed()) {
      path.followed(true);
      move(now, path);
      // What is under way went where the client is no more.
      c.recovery.requeue(Conn.INITIAL);
      c.recovery.requeue(Conn.HANDSHAKE);
    } else if (path.validated()) {
      move(now, path);
      settle(now, path);
    } else if (now < cautiousUntil || !c.server || !path.local().sameEndpoint(c.path().local())) {
      // RFC 9000 section 9.6.2: to its preferred address a server moves when that path is proved,
      // and a client goes nowhere its server does not answer.
      path.wanted(true);
      prober.challenge(now, path);
    } else {
      follow(now, path);
    }
    arm();
  }

  /**
   * A client's Handshake packet proves the address of a connection that did not move (RFC 9000
   * section 8.1). Where it did, packets may be somebody's copies: a challenge decides.
   */
  void onHandshakePacket(Path path) {
    if (path == c.path() && !path.followed()) {
      path.validate();
    }
  }

  private void follow(long now, Path path) {
    Path old = c.path();
    path.followed(true);
    prober.challenge(now, path);
    move(now, path);
    if (old.validated()) {
      // RFC 9000 section 9.3.3: whoever copied a packet cannot answer at the old address.
      prober.challenge(now, old);
    }
  }

  /** Takes a new path in, if there is room and an id to send with (RFC 9000 section 9.5). */
  private boolean admit(Path path) {
    Path least = c.paths.dispensable();
    boolean full = c.paths.size() == Limits.PATHS;
    // Who forged one address may forge many: they must not drive out one that is being proved.
    if (full && (least == null || c.sock.lastTime() < cautiousUntil)) {
      return false;
    }
    if (!assignId(path)) {
      return false;
    }
    if (full && least != null) {
      drop(least);
    }
    path.deadline(c.sock.lastTime() + 3 * c.pto.period());
    newcomer = null;
    return c.paths.add(path);
  }

  /**
   * RFC 9000 section 9.5: another id for another path; the same where only a translator changed the
   * peer's address, since then the peer uses its old one, too.
   */
  private boolean assignId(Path path) {
    Path now = c.path();
    boolean rebound = arrival(path) == arrival(now) && path.local().sameEndpoint(now.local());
    if (rebound || c.dcid().isEmpty()) {
      path.dcid(now.dcid());
      return true;
    }
    long spare = c.dcids.spare();
    if (spare < 0) {
      return false;
    }
    c.dcids.reserve(spare);
    path.dcid(spare);
    return true;
  }

  /** Where nothing but long headers came, it was the handshake's id, sequence number 0. */
  private long arrival(Path path) {
    ConnId first = path.arrivedBy() == 0 ? c.scids.idOf(0) : null;
    return first == null ? path.arrivedBy() : first.key();
  }

  /** PATH_CHALLENGE: answered on the path it came by (RFC 9000 section 8.2.2). */
  void onChallenge(long now, Path path, long data) {
    if (!c.paths.contains(path) && !admit(path)) {
      return;
    }
    path.queueResponse(data);
    if (path == c.path()) {
      // RFC 9000 section 9.3.3: shows the peer that we are still here.
      c.flow.owed |= Flow.OWES_PING;
      silence.onChallenge(now);
    } else if (!path.validated()) {
      prober.challenge(now, path);
    }
    arm();
    c.net.touch(c.sock);
  }

  /** PATH_RESPONSE: it may settle where the connection is, or move it. */
  void onResponse(long now, long data) {
    Path path = prober.onResponse(now, data);
    if (path == null) {
      return;
    }
    path.deadline(path == c.path() ? Path.NEVER : now + 3 * c.pto.period());
    if (path.provenSmallOnly()) {
      // RFC 9000 section 8.2.3: the address is proved, the size is not.
      prober.challenge(now, path);
    }
    if (path != c.path() && path.wanted()) {
      move(now, path);
    }
    if (path == c.path()) {
      settle(now, path);
    } else if (hopeless(c.path())) {
      c.path().abandonChallenge();
      onFailed(now, c.path());
    }
    arm();
  }

  // --- moving

  /** Sends by another path of the set from now on. */
  private void move(long now, Path path) {
    Path old = c.path();
    c.paths.activate(path);
    path.wanted(false);
    if (!path.challenging()) {
      path.deadline(Path.NEVER);
    }
    if (!old.challenging()) {
      old.deadline(now + 3 * c.pto.period());
    }
    movedAt = now;
    c.dcids.use(path.dcid());
    c.cc.mss(path.mtu());
    c.pto.restart();
    c.tellPath(now);
    local.onMoved(old, path);
    c.net.touch(c.sock);
  }

  /** The active path is validated: the connection has arrived. */
  private void settle(long now, Path path) {
    Path before = settled;
    if (path == before) {
      return;
    }
    settled = path;
    c.pto.probeNow(Conn.APP);
    if (!path.sameHosts(before)) {
      // RFC 9000 section 9.4: another path, unless only the port changed.
      c.cc.reset();
      // RFC 9002 section 6.2.2: what validation took is a better guess than none.
      c.rtt.reset(Math.min(c.sock.settings().initialRtt, path.roundTrip()));
      c.recovery.onNewPath(now);
    }
    c.paths.settle();
    for (int i = 0; i < c.paths.size(); i++) {
      Path other = c.paths.get(i);
      if (other != path && !other.challenging()) {
        other.deadline(now + 3 * c.pto.period());
      }
    }
    c.sink.pathValidated(now, c.cookie, 0);
    c.sock.notes().migrated(local.takeMoved(path));
  }

  /**
   * Whether the active path need not be asked again: the peer answered at the old one since, and
   * not here.
   */
  boolean hopeless(Path path) {
    Path back = c.paths.fallback();
    return path == c.path()
        && !path.validated()
        && back != null
        && back.provenAt() >= movedAt
        && path.challengesSent() >= 2
        && !path.challengeDue();
  }

  /** Nobody answered the challenges of a path. */
  void onFailed(long now, Path path) {
    Path back = c.paths.fallback();
    if (path == c.path()) {
      if (path.validated()) {
        return;
      }
      if (back == null) {
        c.closer.onUnproved(now);
        return;
      }
      // RFC 9000 section 9.3.2.
      cautiousUntil = back.provenAt() >= movedAt ? now + CAUTION : cautiousUntil;
      move(now, back);
      c.pto.probeNow(Conn.APP);
      drop(path);
    } else if (path == back && !c.path().validated()) {
      path.deadline(Path.NEVER);
    } else {
      cautiousUntil = path.followed() && !path.validated() ? now + CAUTION : cautiousUntil;
      drop(path);
    }
  }

  /** A path that was left, or that nobody asked about again, has had its time. */
  void onExpired(Path path) {
    boolean kept = path == c.paths.fallback() && !c.path().validated();
    if (path != c.path() && !kept) {
      drop(path);
    }
  }

  /** Forgets a path that is not active, with its id and its port. */
  private void drop(Path path) {
    c.paths.remove(path);
    local.onDropped(path);
    if (path.ownsPort()) {
      path.ownsPort(false);
      c.net.unbind(path.port());
    }
    boolean shared = path.dcid() == Path.NO_ID;
    for (int i = 0; i < c.paths.size(); i++) {
      shared |= c.paths.get(i).dcid() == path.dcid();
    }
    if (!shared && c.dcids.retire(path.dcid())) {
      // RFC 9000 section 9.5: an id seen on one path is not used on another.
      c.sock.notes().connectionId(true);
    }
  }

  /** Ids were retired or another was chosen: paths whose id is gone take one there is. */
  void onIdsChanged() {
    c.path().dcid(c.dcids.activeSeq());
    for (int i = 0; i < c.paths.size(); i++) {
      Path path = c.paths.get(i);
      if (path != c.path() && !c.dcids.live(path.dcid())) {
        path.dcid(c.dcids.spare() < 0 ? Path.NO_ID : c.dcids.spare());
        c.dcids.reserve(path.dcid());
      }
    }
  }

  /**
   * The handshake is confirmed: a client takes up a preferred address; a server asks a client whose
   * address changed meanwhile.
   */
  void onConfirmed(long now) {
    local.onConfirmed(now);
    Path path = c.path();
    if (!path.validated()) {
      Path old = c.paths.fallback();
      prober.challenge(now, path);
      if (old != null) {
        prober.challenge(now, old);
      }
    }
    arm();
  }

  /** The PATH timer. */
  void onTimer(long now) {
    prober.onTimer(now);
    silence.onTimer(now);
    arm();
  }

  /** Sends what is due in datagrams of its own. */
  void flush(long now) {
    prober.flush(now);
  }

  /** The connection is over: gives up every path's port and every reset token. */
  void release() {
    for (int i = 0; i < c.paths.size(); i++) {
      Path path = c.paths.get(i);
      if (path.ownsPort()) {
        path.ownsPort(false);
        c.net.unbind(path.port());
      }
    }
    offer.release();
    c.dcids.endTokens();
  }

  /** The id the peer last used on the path a packet came by. */
  static ConnId idOf(Path path) {
    return ConnId.ofKey(path.arrivedBy());
  }
}
