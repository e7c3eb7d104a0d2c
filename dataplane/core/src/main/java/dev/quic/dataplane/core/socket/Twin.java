package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/**
 * What a listener is made of, for twins of it in the other nets of a process: each takes the
 * clients whose datagrams come to its net. Never changes; made by the listener's thread, used by
 * the twin's.
 */
public final class Twin {
  private final int family;
  private final SockAddr address;
  private final Settings settings;
  private final int backlog;
  private final int uid;
  private final int pid;

  private Twin(QuicSock listener, Claim claim, int backlog) {
    this.backlog = backlog;
    family = listener.family();
    address = claim.address();
    settings = listener.settings().copy();
    uid = listener.uid();
    pid = listener.pid();
  }

  /** Of a socket that listens; null of any other. */
  public static @Nullable Twin of(Sock sock) {
    if (!(sock instanceof QuicSock s)) {
      return null;
    }
    Claim claim = s.claim();
    return claim == null ? null : new Twin(s, claim, s.backlog());
  }

  public int family() {
    return family;
  }

  /** Where both listen. */
  public SockAddr address() {
    return address;
  }

  /**
   * Has a new socket listen in the same place.
   *
   * @return the handle of its UDP port, or a negated errno: EADDRINUSE, EADDRNOTAVAIL, EACCES,
   *     EMFILE
   */
  public int listen(long now, Sock fresh) {
    if (!(fresh instanceof QuicSock s)) {
      throw new IllegalArgumentException("not a socket of a net");
    }
    s.twin = true;
    s.settings = settings.copy();
    s.maker(uid, pid);
    int r = s.bind(now, address);
    r = r < 0 ? r : s.listen(now, backlog);
    return r < 0 ? r : s.port();
  }

  /** Has a twin treat the clients to come by what this says: an option or the backlog changed. */
  public void renew(long now, Sock twin) {
    if (twin instanceof QuicSock s && s.claim() != null) {
      s.settings = settings.copy();
      int unused = s.listen(now, backlog);
    }
  }
}
