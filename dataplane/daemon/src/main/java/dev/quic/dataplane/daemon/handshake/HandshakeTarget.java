package dev.quic.dataplane.daemon.handshake;

import dev.quic.dataplane.daemon.front.SockFront;

/** The socket of a request, as the family sees it. Any thread; may wait for its shard. */
public interface HandshakeTarget {
  /** Stands for the kernel's socket inode. */
  long cookie();

  /** Where a grant is attached. */
  SockFront front();

  /** Keeps everything from the socket's owner: the handshake is somebody else's now. */
  void gate();

  /**
   * The handshake is over: revokes the grant, gives the socket back.
   *
   * @param failed closes the connection with the close information the daemon left
   */
  void release(boolean failed);
}
