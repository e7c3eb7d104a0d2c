package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.uapi.Errno;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that were refused for lack of room, of the peer's credit or of streams, and wait for
 * news. Who looks at {@link #news} before it asks misses none. Any thread.
 */
final class Credit {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile long news;

  /** Guarded by the lock. */
  private int waiting;

  long news() {
    return news;
  }

  /** Something grew, or ended. */
  void grew() {
    lock.lock();
    try {
      news++;
      if (waiting > 0) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for news.
   *
   * @param seen what {@link #news} said before
   * @param deadline {@link System#nanoTime}; {@link Long#MAX_VALUE} for none
   * @return false when there were none in time
   * @throws QuicException EINTR when interrupted; the thread's status is set then
   */
  boolean await(long seen, long deadline, String what) throws QuicException {
    lock.lock();
    try {
      waiting++;
      while (news == seen) {
        if (deadline == Long.MAX_VALUE) {
          changed.await();
          continue;
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        var unused = changed.await(left, TimeUnit.NANOSECONDS);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QuicException(Errno.EINTR, what + ": interrupted");
    } finally {
      waiting--;
      lock.unlock();
    }
  }
}
