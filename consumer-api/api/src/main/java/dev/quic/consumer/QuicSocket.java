package dev.quic.consumer;

import java.net.InetSocketAddress;

/**
 * A QUIC socket, with the calls and errnos of {@code socket(AF_INET, SOCK_DGRAM, IPPROTO_QUIC)}.
 * The same interface over descriptors (another process) and inside the data plane. Calls block
 * unless MSG_DONTWAIT is among the flags or {@link #setNonBlocking} is on; they may come from any
 * thread, virtual ones included; one sender and one receiver at a time.
 */
public interface QuicSocket extends AutoCloseable {
  void bind(InetSocketAddress local) throws QuicException;

  void listen(int backlog) throws QuicException;

  /** Picks a route and goes ESTABLISHING; sends nothing yet, as in the kernel. */
  void connect(InetSocketAddress remote) throws QuicException;

  /** Waits for a connection; it is returned as soon as its first Initial came, before any TLS. */
  QuicSocket accept() throws QuicException;

  /**
   * @return bytes taken
   * @throws QuicException EAGAIN, ENOSPC, EPIPE, EINVAL, ENOSTR, EMSGSIZE as documented for the
   *     kernel's socket
   */
  int sendmsg(QuicMsg msg, byte[] buf, int off, int len) throws QuicException;

  /**
   * sendmsg of a stream's data that waits for the peer's credit and for room until a deadline, and
   * says exactly how much was taken. Several threads may do this at a time, each with a stream of
   * its own; none holds up another whose stream has credit.
   *
   * @param msg names a stream that is open
   * @param deadline in terms of {@link System#nanoTime}; {@link Long#MAX_VALUE} for none
   * @return bytes taken; fewer than {@code len} when time ran out, when the thread was interrupted
   *     (its status is set then) or when the next call fails
   * @throws QuicException EAGAIN when time ran out before anything was taken, EINTR when the thread
   *     was interrupted before; else as {@link #sendmsg}
   */
  int sendBefore(QuicMsg msg, byte[] buf, int off, int len, long deadline) throws QuicException;

  /**
   * @return bytes delivered; 0 with FIN in {@code msg.streamFlags} ends a stream
   * @throws QuicException EAGAIN when non-blocking, ENOTCONN when the connection is over and all
   *     was read
   */
  int recvmsg(QuicMsg msg, byte[] buf, int off, int len) throws QuicException;

  void setsockopt(int level, int name, byte[] value) throws QuicException;

  /**
   * @param in bytes the option reads (may be empty)
   * @param max size of the answer buffer
   */
  byte[] getsockopt(int level, int name, byte[] in, int max) throws QuicException;

  /**
   * @param how 0 receive, 1 send, 2 both
   */
  void shutdown(int how) throws QuicException;

  InetSocketAddress getsockname() throws QuicException;

  InetSocketAddress getpeername() throws QuicException;

  long ioctl(int request) throws QuicException;

  void setNonBlocking(boolean on);

  /**
   * Waits until recvmsg (or accept) would return. @return false after {@code timeoutMs}; 0 polls,
   * negative waits for ever
   */
  boolean pollIn(long timeoutMs) throws QuicException;

  @Override
  void close();
}
