package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.io.ShardTask;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The way into one shard. All methods may be called from any thread. */
public interface ShardLink {
  /** Index of the shard, 0 or more. */
  int index();

  /**
   * Hands work to the shard, in order. Waits while the shard's ring is full, which is the
   * back-pressure its callers feel; a shard never waits for anyone, so this ends. From another
   * shard's thread it does not wait: what finds the ring full comes later, out of order.
   *
   * @return false when the shard has stopped; the task will not run
   */
  boolean post(ShardTask task);

  /** As {@link #post}; while the shard sleeps, the work is done on the calling thread at once. */
  default boolean postHere(ShardTask task) {
    return post(task);
  }

  /**
   * Takes the shard's turns on the calling thread until {@code done}, where that is possible.
   *
   * @param done looked at between turns; whoever makes it true elsewhere calls {@link #nudge}
   * @param deadline {@link System#nanoTime}; {@link Long#MAX_VALUE} for never
   * @return false when the caller has to wait in another way; true when it is done, the deadline
   *     has passed, the thread was interrupted (and still is) or the shard stops
   */
  default boolean lead(BooleanSupplier done, long deadline) {
    return false;
  }

  /** Has a thread that {@link #lead}s look at what it waits for. */
  default void nudge() {}

  /**
   * Has {@code wake} run, which wakes a program's thread: at once, or when the shard's turn is over
   * where that costs fewer changes of thread.
   */
  default void wake(Runnable wake) {
    wake.run();
  }

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

  /**
   * The other shards in the order in which they follow this one, where each can serve a listener's
   * clients.
   */
  default List<ShardLink> others() {
    return List.of();
  }

  /**
   * Has the system bring datagrams to the shard that their connection ids name, where it can; on
   * the shard's thread, the last that opened an address.
   *
   * @param handle of its UDP port
   * @param homeIndex of the shard that opened it first; the others followed in order
   */
  default void steer(int handle, int homeIndex) {}

  /** Tells a human something in one line. Any thread. */
  default void notice(String line) {}

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
