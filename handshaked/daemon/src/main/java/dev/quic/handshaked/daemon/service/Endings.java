package dev.quic.handshaked.daemon.service;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What is left of requests that have ended, and that nobody waits for: done by one thread, in the
 * order of their coming, that of some milliseconds together. A worker that stayed for it would
 * sleep once more for each request. Any thread.
 */
final class Endings {
  /** Requests that may wait here; who brings one more waits. */
  static final int LIMIT = 256;

  private static final Duration GATHERING = Duration.ofMillis(5);

  /** The thread ends when there was nothing for so long. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

  /** There is a thread. */
  private boolean running;

  /** It is at one of them. */
  private boolean busy;

  /** Nobody gathers any more. */
  private boolean hurried;

  /**
   * @param rest must not throw
   */
  void add(Runnable rest) {
    lock.lock();
    try {
      while (waiting.size() >= LIMIT) {
        changed.awaitUninterruptibly();
      }
      waiting.add(rest);
      if (!running) {
        running = true;
        Thread.ofPlatform().daemon().name("handshake-end").start(this::run);
      } else if (waiting.size() == 1) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has all of them done now, and those that come later without delay.
   *
   * @return whether they were within the time
   */
  boolean finish(Duration limit) {
    lock.lock();
    try {
      hurried = true;
      changed.signalAll();
      long left = limit.toNanos();
      while (left > 0 && (busy || !waiting.isEmpty())) {
        left = changed.awaitNanos(left);
      }
      return !busy && waiting.isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    lock.lock();
    try {
      while (awaitFirst()) {
        gather();
        int together = waiting.size();
        for (int i = 0; i < together; i++) {
          one(waiting.remove());
        }
      }
    } finally {
      running = false;
      lock.unlock();
    }
  }

  private boolean awaitFirst() {
    long left = IDLE.toNanos();
    while (waiting.isEmpty() && left > 0) {
      left = waited(left);
    }
    return !waiting.isEmpty();
  }

  private void gather() {
    long left = GATHERING.toNanos();
    while (left > 0 && !hurried && waiting.size() < LIMIT) {
      left = waited(left);
    }
  }

  /** Up to so many nanoseconds. @return those that are left; nobody interrupts this thread */
  private long waited(long nanos) {
    try {
      return changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      return 0;
    }
  }

  private void one(Runnable rest) {
    busy = true;
    lock.unlock();
    try {
      rest.run();
    } finally {
      lock.lock();
      busy = false;
      if (hurried || waiting.size() >= LIMIT - 1 || waiting.isEmpty()) {
        changed.signalAll();
      }
    }
  }
}
