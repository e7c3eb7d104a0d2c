package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.LongRing;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.timer.TimerTable;
import org.jspecify.annotations.Nullable;

/**
 * Follows a peer whose address changes (RFC 9000 section 9): packets from a new address raise an
 * alternate path, a challenge proves it, then the connection moves. Until then it stays where it
 * was.
 */
final class Migration {
  /** The kernel's least interval between challenges, ns. */
  private static final long LEAST_INTERVAL = 1_500_000_000L;

  private final Conn c;

  // Responses to send on the alternate path, and whether a challenge is due there.
  private final LongRing answers = new LongRing(Limits.PATH_RESPONSES);
  private boolean challengeDue;

  Migration(Conn c) {
    this.c = c;
  }

  /** The path of a datagram's addresses, new ones included; null for one not to be processed. */
  @Nullable Path pathOf(SockAddr local, SockAddr remote, int port) {
    Path path = c.paths.find(local, remote);
    if (path != null) {
      return path;
    }
    if (!c.server) {
      // RFC 9000 section 9: a server does not move on its own; but a client's own address as the
      // system sees it may differ from what connect guessed.
      return remote.sameEndpoint(c.path().remote()) ? relocate(local) : null;
    }
    if (!c.life.confirmed()) {
      // RFC 9000 section 9: no migration before the handshake is confirmed.
      return null;
    }
    return new Path(local, remote, port, false);
  }

  private Path relocate(SockAddr local) {
    Path p = c.path();
    p.local(local);
    return p;
  }

  /** The newest packet, not merely probing, came by this path: the peer is there now. */
  void onNonProbing(long now, Path path) {
    if (path == c.path() || path == c.paths.alternate()) {
      return;
    }
    c.paths.alternate(path);
    answers.clear();
    challenge(now, path);
  }

  private void challenge(long now, Path path) {
    if (!path.startChallenge(c.net.publicRandom())) {
      c.paths.alternate(null);
      c.timers.cancel(TimerTable.PATH);
      return;
    }
    challengeDue = true;
    c.timers.set(TimerTable.PATH, now + Math.max(2 * c.recovery.pto(), LEAST_INTERVAL));
    c.net.touch(c.sock);
  }

  /** The PATH timer. */
  void onTimer(long now) {
    Path path = c.paths.alternate();
    if (path != null && path.challenging()) {
      challenge(now, path);
    }
  }

  /** PATH_CHALLENGE: answered on the path it came by (RFC 9000 section 8.2.2). */
  void onChallenge(Path path, long data) {
    if (path == c.path()) {
      c.paths.queueResponse(data);
      return;
    }
    if (c.paths.alternate() == null) {
      c.paths.alternate(path);
    }
    if (path == c.paths.alternate()) {
      answers.add(data);
    }
    c.net.touch(c.sock);
  }

  /** PATH_RESPONSE: moves when it proves the alternate path. */
  void onResponse(long now, long data) {
    Path path = c.paths.alternate();
    if (path == null || !path.onResponse(data)) {
      return;
    }
    c.timers.cancel(TimerTable.PATH);
    Path old = c.path();
    c.net.unroutePeer(old.remote(), old.port(), c.sock);
    c.paths.swap();
    c.paths.alternate(null);
    c.net.routePeer(path.remote(), path.port(), c.sock);
    boolean rebound = old.remote().withPort(0).sameEndpoint(path.remote().withPort(0));
    if (!rebound) {
      // RFC 9000 section 9.4: another path, unless only the port changed.
      c.cc.reset();
      c.rtt.reset(c.sock.settings().initialRtt);
    }
    c.sink.pathValidated(now, c.cookie, 0);
    c.tellPath(now);
    c.sock.notes().migrated(false);
  }

  /** Sends what is due in datagrams of its own. */
  void flush(long now) {
    while (c.paths.hasResponse()) {
      c.sender.probe(now, c.path(), FrameType.PATH_RESPONSE, c.paths.pollResponse());
    }
    Path path = c.paths.alternate();
    if (path == null) {
      return;
    }
    while (!answers.isEmpty()) {
      c.sender.probe(now, path, FrameType.PATH_RESPONSE, answers.poll(0));
    }
    if (challengeDue) {
      challengeDue = false;
      c.sender.probe(now, path, FrameType.PATH_CHALLENGE, path.challenge());
    }
  }
}
