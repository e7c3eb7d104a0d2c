package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Sock;

/**
 * Whoever is at the other end of a {@link Channel}. Called on the shard thread, outside the core;
 * may only take a note and wake someone.
 */
public interface ChannelUser {
  /** Something can be read, or the end was reached. */
  int READABLE = 1;

  /** A refused send can be tried again. */
  int WRITABLE = 2;

  /** A result waits. */
  int RESULT = 4;

  /** The socket is gone. */
  int CLOSED = 8;

  void wake(int what);

  /** Whether the listener may hand over another connection. */
  boolean acceptRoom();

  /** A listener's new connection, still without a front. */
  void accepted(Sock sock, long now);
}
