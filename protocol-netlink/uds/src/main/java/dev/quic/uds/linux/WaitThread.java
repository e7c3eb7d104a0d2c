package dev.quic.uds.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits on behalf of virtual threads, which must not block inside a system call: one platform
 * thread for the process.
 */
final class WaitThread {
  private static final class Holder {
    static final WaitThread SHARED = new WaitThread();
  }

  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    volatile boolean ready;
  }

  private final Epoll epoll;
  private final AtomicLong keys = new AtomicLong();
  private final ConcurrentHashMap<Long, Waiter> waiters = new ConcurrentHashMap<>();

  private WaitThread() {
    try {
      epoll = new Epoll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("uds-wait").start(this::run);
  }

  static WaitThread shared() {
    return Holder.SHARED;
  }

  private void run() {
    while (true) {
      epoll.await(-1, this::ready);
    }
  }

  private void ready(long key, int events) {
    Waiter w = waiters.get(key);
    if (w != null) {
      w.ready = true;
      LockSupport.unpark(w.thread);
    }
  }

  /**
   * Parks until a descriptor is readable or writable, it is closed, or the thread is interrupted.
   *
   * @param parked where closing looks for threads to wake
   * @return 1 when ready, 0 when not, -1 when nobody can wait here: no descriptors or memory left
   */
  int await(Descriptor d, boolean readable, long timeoutMs, Set<Thread> parked) {
    // Sender and receiver may wait at the same time, which one epoll entry cannot tell apart: watch
    // a duplicate.
    int dup = Dup.of(d.number());
    if (dup < 0) {
      return -1;
    }
    long key = keys.incrementAndGet();
    Waiter w = new Waiter();
    waiters.put(key, w);
    parked.add(w.thread);
    try {
      if (epoll.add(dup, (readable ? Epoll.IN : Epoll.OUT) | Epoll.ONESHOT, key) < 0) {
        return -1;
      }
      park(d, w, timeoutMs);
      return w.ready ? 1 : 0;
    } finally {
      parked.remove(w.thread);
      waiters.remove(key);
      epoll.remove(dup);
      Descriptor.close(dup);
    }
  }

  private void park(Descriptor d, Waiter w, long timeoutMs) {
    long start = System.nanoTime();
    // Closing first marks the descriptor, then unparks: the mark is looked at before each sleep.
    while (!w.ready && !d.isClosed() && !w.thread.isInterrupted()) {
      if (timeoutMs < 0) {
        LockSupport.park(this);
        continue;
      }
      long left = timeoutMs * 1_000_000 - (System.nanoTime() - start);
      if (left <= 0) {
        return;
      }
      LockSupport.parkNanos(this, left);
    }
  }
}
