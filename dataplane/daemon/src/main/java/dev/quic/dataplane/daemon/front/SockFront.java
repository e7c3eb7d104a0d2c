package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Relocation;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.core.socket.Twin;
import dev.quic.dataplane.core.socket.Watcher;
import dev.quic.dataplane.io.ShardTask;
import dev.quic.uapi.QuicUapi;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One socket with the users it has on other threads: its owner, and while a daemon runs its
 * handshake, the grant. {@link #schedule}, {@link #link} and {@link #cookie} are for any thread;
 * the rest is confined to the shard.
 */
public final class SockFront implements Watcher, ShardTask {
  private static final int SIOCINQ = 0x541b;

  private final Sock sock;
  private final ShardLink link;
  private final Fronts fronts;
  private final long cookie;
  private final AtomicBoolean scheduled = new AtomicBoolean();

  private @Nullable Channel main;
  private @Nullable Channel grant;
  private @Nullable Twins twins;
  private boolean gated;
  private boolean closed;
  private volatile boolean handshakeOpen;

  SockFront(Sock sock, ShardLink link, Fronts fronts) {
    this.sock = sock;
    this.link = link;
    this.fronts = fronts;
    cookie = sock.cookie();
  }

  public ShardLink link() {
    return link;
  }

  public long cookie() {
    return cookie;
  }

  /** Brings the shard here soon; many calls before it comes are one visit. */
  public void schedule() {
    if (due() && !link.post(this)) {
      scheduled.set(false);
    }
  }

  /** As {@link #schedule}; while the shard sleeps, it is here on the calling thread at once. */
  public void visit() {
    if (due() && !link.postHere(this)) {
      scheduled.set(false);
    }
  }

  private boolean due() {
    // What was queued is there before the look at whether a visit is due; run() has the other half.
    VarHandle.fullFence();
    return !scheduled.get() && scheduled.compareAndSet(false, true);
  }

  /**
   * Whether the handshake that was asked for has not come to its end: the connection was never
   * established. Every call answered to the grant's holder counts.
   */
  public boolean isHandshakeOpen() {
    return handshakeOpen;
  }

  /** A request for a handshake was made; comes before the {@link #gate} posted for it. */
  public void handshakeExpected() {
    handshakeOpen = true;
  }

  @Override
  public void run(QuicNet net, long now) {
    scheduled.set(false);
    VarHandle.fullFence();
    service(now);
    if (twins != null) {
      twins.visit();
    }
  }

  @Override
  public void ready(Sock which, int mask) {
    service(link.now());
    if ((mask & Sock.POLL_OUT) != 0 && main != null) {
      main.grew();
    }
  }

  // Shard thread only from here on.

  /** The socket, or null once it was closed. */
  public @Nullable Sock sock() {
    return closed ? null : sock;
  }

  public void attach(Channel channel, long now) {
    main = channel;
    service(now);
  }

  /** The socket has been connected or made a listener. */
  public void alive(long now) {
    if (main != null) {
      main.alive();
    }
    renewTwins();
    service(now);
  }

  /** An option of the socket was set. */
  public void changed(long now) {
    renewTwins();
    service(now);
  }

  /** Has the other shards listen as this one does, if it does. */
  private void renewTwins() {
    Channel c = main;
    if (closed || c == null || link.others().isEmpty()) {
      return;
    }
    Twin like = Twin.of(sock);
    if (like != null && twins != null) {
      twins.renew(like);
    } else if (like != null) {
      twins = Twins.open(like, link, c.user());
    }
  }

  /**
   * Hands the handshake to another user: nothing reaches the owner until {@link #ungate}, but for
   * 0-RTT data of an owner that asked for it.
   */
  public void gate() {
    if (!closed) {
      gated = true;
      sock.handshakeOwnedElsewhere(true);
      handshakeOpen = sock.state() != QuicUapi.QUIC_SS_ESTABLISHED;
    }
  }

  /** Attaches the grant that runs the handshake. */
  public void attachGrant(Channel channel, long now) {
    if (closed) {
      channel.revoke();
      channel.destroyed(0);
      return;
    }
    grant = channel;
    channel.alive();
    service(now);
  }

  /** Detaches the grant; what it still had queued is not sent. */
  public void revokeGrant() {
    Channel g = grant;
    grant = null;
    if (g != null) {
      g.revoke();
    }
  }

  /**
   * The handshake ended: the grant loses its rights, the owner gets the socket back.
   *
   * @param failed closes the connection, so that the peer hears of it now
   */
  public void ungate(long now, boolean failed) {
    revokeGrant();
    if (closed) {
      return;
    }
    gated = false;
    sock.handshakeOwnedElsewhere(false);
    if (failed) {
      sock.shutdown(now, 2);
    }
    service(now);
  }

  /** Has the owner told, once, that the socket has room, credit or streams again. */
  public void tellWhenGrown() {
    if (main != null) {
      main.tellWhenGrown();
    }
  }

  /** As {@link Sock#ioctl}; what waits between the socket and its owner counts as in the socket. */
  public long ioctl(int request) {
    long n = sock.ioctl(request);
    Channel c = main;
    if (n < 0 || c == null) {
      return n;
    }
    return n + (request == SIOCINQ ? c.rx().waitingBytes() : c.waitingToSend());
  }

  /**
   * Sends what can be sent of what came before a message that is about to be.
   *
   * @return 0, or EAGAIN or ENOSPC negated while some of it has to stay before the message
   */
  public int settle(Msg next, long now) {
    Channel c = main;
    if (c == null) {
      return 0;
    }
    for (long left = c.waitingToSend(); left > 0; ) {
      service(now);
      long rest = c.waitingToSend();
      if (rest >= left) {
        break;
      }
      left = rest;
    }
    return c.holdsBack(next);
  }

  public void service(long now) {
    if (closed) {
      return;
    }
    if (gated && sock.state() == QuicUapi.QUIC_SS_ESTABLISHED) {
      handshakeOpen = false;
    }
    boolean more = false;
    if (grant != null) {
      more = grant.service(sock, link, now, false);
    }
    if (main != null) {
      more |= main.service(sock, link, now, gated && !sock.deliversEarly());
    }
    if (more) {
      schedule();
    }
  }

  /**
   * Lets go of a socket that moves to another shard; its user stays, for {@link #attach} of another
   * front.
   *
   * @return the socket, closed, for what was set on it; null when it cannot move
   */
  public @Nullable Sock leave(long now) {
    if (closed || gated || !Relocation.possible(sock)) {
      return null;
    }
    closed = true;
    main = null;
    sock.watch(null);
    sock.close(now);
    fronts.remove(this);
    return sock;
  }

  /** Sends what can be sent at once, then frees the socket. */
  public void close(long now) {
    if (closed) {
      return;
    }
    service(now);
    closed = true;
    if (twins != null) {
      twins.close();
    }
    sock.watch(null);
    int errno = sock.error();
    sock.close(now);
    fronts.remove(this);
    if (grant != null) {
      grant.revoke();
      grant.destroyed(errno);
    }
    if (main != null) {
      main.destroyed(errno);
    }
  }
}
