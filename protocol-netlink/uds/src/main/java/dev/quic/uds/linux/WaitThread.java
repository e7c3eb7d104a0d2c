package dev.quic.uds.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
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

  /** Parks until a descriptor is readable or writable. One waiter a descriptor and direction. */
  boolean await(int fd, boolean readable, long timeoutMs) {
    // Sender and receiver may wait at the same time, which one epoll entry cannot tell apart: watch
    // a duplicate.
    int dup = Dup.of(fd);
    if (dup < 0) {
      return false;
    }
    long key = keys.incrementAndGet();
    Waiter w = new Waiter();
    waiters.put(key, w);
    try {
      if (epoll.add(dup, (readable ? Epoll.IN : Epoll.OUT) | Epoll.ONESHOT, key) < 0) {
        return false;
      }
      long end = timeoutMs < 0 ? Long.MAX_VALUE : System.nanoTime() + timeoutMs * 1_000_000;
      while (!w.ready && !w.thread.isInterrupted()) {
        long left = timeoutMs < 0 ? Long.MAX_VALUE : end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        if (timeoutMs < 0) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, left);
        }
      }
      return w.ready;
    } finally {
      waiters.remove(key);
      epoll.remove(dup);
      Descriptor.close(dup);
    }
  }
}
