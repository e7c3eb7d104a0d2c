package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.uapi.Errno;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread, platform or virtual, wait for another. It looks again and again for a short
 * while before it parks, since on a busy connection the answer is there within microseconds and
 * waking a parked thread costs tens of them.
 */
final class Waiter {
  /** How long to look before parking, nanoseconds. */
  private static final long SPIN_NANOS = 20_000;

  /** Looks between two looks at the clock. */
  private static final int LOOKS = 32;

  /**
   * On one processor nobody could make the condition true meanwhile; of two, it is the shard at the
   * other end, on the same machine or in the same process, that could run instead.
   */
  private static final boolean SPIN = Runtime.getRuntime().availableProcessors() > 2;

  private volatile @Nullable Thread waiting;

  /** Where the waiting thread takes a shard's turns, if it does. */
  private volatile @Nullable ShardLink leading;

  /** Whether {@link #await} returned because of its condition, the deadline, or an interrupt. */
  enum Outcome {
    TRUE,
    TIMEOUT,
    INTERRUPTED;

    /**
     * Itself, unless interrupted.
     *
     * @throws QuicException EINTR; the thread's status is set again
     */
    Outcome orInterrupted(String what) throws QuicException {
      if (this == INTERRUPTED) {
        Thread.currentThread().interrupt();
        throw new QuicException(Errno.EINTR, what);
      }
      return this;
    }
  }

  /** Waits for what a shard does, by taking its turns where possible. */
  Outcome await(ShardLink link, BooleanSupplier condition) {
    if (condition.getAsBoolean()) {
      return Outcome.TRUE;
    }
    waiting = Thread.currentThread();
    leading = link;
    try {
      link.lead(condition, Long.MAX_VALUE);
    } finally {
      leading = null;
    }
    return await(condition, Long.MAX_VALUE);
  }

  /**
   * @param deadline {@link System#nanoTime}; {@link Long#MAX_VALUE} for never
   */
  Outcome await(BooleanSupplier condition, long deadline) {
    if (spin(condition)) {
      waiting = null;
      return Outcome.TRUE;
    }
    Thread me = Thread.currentThread();
    waiting = me;
    try {
      while (true) {
        VarHandle.fullFence();
        if (condition.getAsBoolean()) {
          return Outcome.TRUE;
        }
        if (Thread.interrupted()) {
          return Outcome.INTERRUPTED;
        }
        if (deadline == Long.MAX_VALUE) {
          LockSupport.park(this);
        } else {
          long left = deadline - System.nanoTime();
          if (left <= 0) {
            return Outcome.TIMEOUT;
          }
          LockSupport.parkNanos(this, left);
        }
      }
    } finally {
      waiting = null;
    }
  }

  private static boolean spin(BooleanSupplier condition) {
    if (!SPIN) {
      return condition.getAsBoolean();
    }
    long until = 0;
    do {
      for (int i = 0; i < LOOKS; i++) {
        if (condition.getAsBoolean()) {
          return true;
        }
        Thread.onSpinWait();
      }
      long now = System.nanoTime();
      if (until == 0) {
        until = now + SPIN_NANOS;
      } else if (now - until >= 0) {
        return false;
      }
    } while (true);
  }

  /** Whether a thread waits that takes no shard's turns. */
  boolean isParked() {
    return waiting != null && leading == null;
  }

  /**
   * Wakes the waiting thread, if there is one. Any thread; after the condition became true.
   *
   * @param link to the shard whose turn made it true, if one did
   */
  void signal(ShardLink link) {
    VarHandle.fullFence();
    Thread t = waiting;
    if (t != null && t != Thread.currentThread()) {
      ShardLink where = leading;
      if (where != null) {
        where.nudge();
      }
      link.wake(() -> LockSupport.unpark(t));
    }
  }
}
