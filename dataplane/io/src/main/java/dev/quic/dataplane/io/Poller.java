package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/** Waits for UDP ports and for {@link #wakeup}. All but wakeup by who holds the shard's baton. */
interface Poller extends AutoCloseable {
  /** Takes the ports that are ready. */
  interface Ready {
    /**
     * @param handle as registered
     * @param events {@link FdHandler#IN}, {@link FdHandler#OUT}
     */
    void udp(int handle, int events);

    /** A foreign descriptor is ready; calls its handler. */
    void fd(FdHandler handler, int events);
  }

  /**
   * Opens a UDP port of this poller's kind and watches it for input.
   *
   * @throws BindException with the errno
   */
  default UdpPort bind(SockAddr local, boolean reusePort, int handle) throws BindException {
    return bind(local, reusePort, false, handle);
  }

  /**
   * As above.
   *
   * @param v6only an IPv6 port leaves IPv4 alone
   */
  UdpPort bind(SockAddr local, boolean reusePort, boolean v6only, int handle) throws BindException;

  /**
   * The MTU of the way towards an address, bytes with IP header; 0 when it is not known.
   *
   * @param local source address; an unspecified one is the system's choice
   */
  int routeMtu(SockAddr local, SockAddr remote);

  /** Starts or stops watching for room to write. */
  void watchWrites(UdpPort port, int handle, boolean on);

  /**
   * Waits until something is ready, woken or timed out, and tells what is ready.
   *
   * @param timeout nanoseconds; 0 only looks, {@link Long#MAX_VALUE} waits for ever
   * @return how many things were ready, wake-ups not counted
   */
  int poll(long timeout, Ready ready);

  /** What lets another thread wait here in place of the shard's; null where none can. */
  default @Nullable Standby standby() {
    return null;
  }

  /** Ends a wait, or the next one. Any thread. */
  void wakeup();

  /**
   * Watches another descriptor.
   *
   * @param events {@link FdHandler} bits
   * @return 0, or a negated errno; EOPNOTSUPP where descriptors are unknown
   */
  int watchFd(int fd, int events, FdHandler handler);

  /** Changes what is watched for, or stops when {@code events} is 0 . */
  int changeFd(int fd, int events);

  @Override
  void close();
}
