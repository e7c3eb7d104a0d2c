package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Sock;

/**
 * Whoever is at the other end of a {@link Channel}. Called on the thread of the socket's shard,
 * outside the core; may only take a note and wake someone. A listener's {@link #acceptRoom}, {@link
 * #accepted} and {@link #wake} are called by several shards, at once perhaps.
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

  /** The socket has room, credit or streams again, for who waits outside of the queues. */
  int GREW = 16;

  void wake(int what);

  /**
   * Whether a thread sleeps until something can be read, and is served better by much at once than
   * by each piece as it comes.
   */
  default boolean readerSleeps() {
    return false;
  }

  /** Whether the listener may hand over another connection. */
  boolean acceptRoom();

  /**
   * A listener's new connection, still without a front; on the thread of its shard, as {@link
   * #acceptRoom} and {@link #wake} before and after it.
   *
   * @param link the way to that shard, which need not be the listener's
   */
  void accepted(Sock sock, ShardLink link, long now);
}
