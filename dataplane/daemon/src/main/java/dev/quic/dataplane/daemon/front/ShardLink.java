package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.io.ShardTask;

/** The way into one shard. All methods may be called from any thread. */
public interface ShardLink {
  /** Index of the shard, 0 or more. */
  int index();

  /**
   * Hands work to the shard, in order. Waits while the shard's ring is full, which is the
   * back-pressure its callers feel; a shard never waits for anyone, so this ends.
   *
   * @return false when the shard has stopped; the task will not run
   */
  boolean post(ShardTask task);

  /** Whether the shard has ended: what was posted and has not run never will. */
  boolean isStopped();

  /**
   * Has {@code waiter} run once the shard has ended, at once when it has; for those who wait for
   * what they posted. Short, and never blocks.
   */
  void whenStopped(Runnable waiter);

  /** Undoes {@link #whenStopped}. */
  void forget(Runnable waiter);

  /**
   * Index of the shard where a socket belongs that binds a UDP port, so that all sockets of a port
   * are together.
   */
  default int homeOf(int port) {
    return index();
  }

  /** Whether the caller runs on the shard's thread. */
  boolean onThread();

  /** Runs work at once; on the shard's own thread only. */
  void runNow(ShardTask task);

  /**
   * Has {@code work} run once packets on their way between sockets of this shard have come to rest,
   * a few turns later at most; on the shard's thread.
   */
  void settled(Runnable work);

  /** The shard's clock, in monotonic nanoseconds. */
  long now();
}
