package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;

/**
 * What the shell does for the core. All calls come from the core's own thread, inside a call into
 * the core; none may call back into the core.
 */
public interface Host {
  /**
   * Opens a UDP socket.
   *
   * @param local port 0 picks one; an unspecified address binds the wildcard
   * @return a port handle, 0 or more, or a negated errno (EADDRINUSE, EADDRNOTAVAIL, EACCES,
   *     EMFILE)
   */
  int bindUdp(SockAddr local, boolean reusePort);

  /**
   * As above.
   *
   * @param v6only an IPv6 socket is to leave IPv4 to others (IPV6_V6ONLY)
   */
  default int bindUdp(SockAddr local, boolean reusePort, boolean v6only) {
    return bindUdp(local, reusePort);
  }

  /** Whether a wildcard port tells where each datagram was sent. */
  default boolean tellsDestination(int port) {
    return true;
  }

  /** The address a port is really bound to. */
  SockAddr udpAddress(int port);

  /**
   * The local address the system would use towards {@code remote}, with port 0; null when there is
   * no route.
   */
  @org.jspecify.annotations.Nullable
  SockAddr routeSource(SockAddr remote);

  /**
   * The MTU of the way towards {@code remote} as the system knows it: the interface's, or less
   * where a route or an ICMP message said so. Bytes with IP header; 0 when it is not known.
   *
   * @param local source address; an unspecified one is the system's choice
   */
  default int routeMtu(SockAddr local, SockAddr remote) {
    return 0;
  }

  /** Somebody listens at a port: from now on the process's other nets can bind its address, too. */
  default void listens(int port) {}

  void unbindUdp(int port);

  /** Sends; the bytes are taken before this returns. Losing them is allowed, as on any network. */
  void transmit(TxBatch batch);

  /**
   * Notes that a socket's poll state may have changed; the shell calls the socket's {@link
   * dev.quic.dataplane.core.socket.Watcher} after the turn.
   *
   * @param mask {@code Sock.POLL_*} bits that became true
   */
  void wake(Sock sock, int mask);

  EventSink events();

  Entropy entropy();
}
