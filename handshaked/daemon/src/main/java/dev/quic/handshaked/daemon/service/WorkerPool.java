package dev.quic.handshaked.daemon.service;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One thread a request, at most so many at once. A notification that finds every worker busy is
 * remembered by count only and ACCEPT is called when one is free, so that another daemon can take
 * the request meanwhile. Threads are platform threads, since they block in native calls.
 */
public final class WorkerPool {
  /** Workers unless {@code --workers} says otherwise. */
  public static final int DEFAULT_WORKERS = 256;

  /** Most that {@code --workers} may ask for. */
  public static final int MAX_WORKERS = 4096;

  /** Notifications remembered: well above the data plane's limit of pending requests. */
  private static final int MAX_REMEMBERED = 4096;

  private static final long IDLE_THREAD_SECONDS = 30;

  private int limit;
  private final Consumer<Bus> serve;
  private final ThreadPoolExecutor threads;
  private @Nullable Bus bus;
  private int active;
  private int wanted;
  private boolean stopped;

  /**
   * @param serve takes and finishes one request, if there is one; throws only what no thread can go
   *     on after
   */
  public WorkerPool(int limit, Consumer<Bus> serve) {
    this.limit = limit;
    this.serve = serve;
    ThreadFactory factory = Thread.ofPlatform().name("handshake-", 1).daemon().factory();
    // No limit here: this class counts for itself, and a thread that gave its turn back may still
    // be
    // on its way to idleness, which must not refuse the next one.
    this.threads =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            factory);
  }

  /**
   * Sets how many requests are worked on at once; those under way go on.
   *
   * @param workers at least 1
   */
  public synchronized void limit(int workers) {
    limit = workers;
    int more = Math.min(limit - active, wanted);
    for (int i = 0; i < more && bus != null && !stopped; i++) {
      active++;
      threads.execute(this::work);
    }
  }

  /** Somebody has a request on this connection. What was remembered of another one is void. */
  public synchronized void ready(Bus from) {
    if (stopped) {
      return;
    }
    if (bus != from) {
      bus = from;
      wanted = 0;
    }
    if (wanted < MAX_REMEMBERED) {
      wanted++;
    }
    if (active < limit) {
      active++;
      threads.execute(this::work);
    }
  }

  private void work() {
    boolean ended = false;
    try {
      for (Bus next = take(); next != null; next = take()) {
        serve.accept(next);
      }
      ended = true;
    } finally {
      if (!ended) {
        lost();
      }
    }
  }

  /** This thread ends, its turn does not. */
  private synchronized void lost() {
    active--;
    notifyAll();
    limit(limit);
  }

  /** The connection to ask next; null ends the worker. */
  private synchronized @Nullable Bus take() {
    if (wanted > 0 && bus != null && !stopped && active <= limit) {
      wanted--;
      return bus;
    }
    active--;
    notifyAll();
    return null;
  }

  /** Requests being worked on now. */
  public synchronized int active() {
    return active;
  }

  /**
   * Takes no more requests and waits for those under way.
   *
   * @return how many were still running at the end
   */
  public synchronized int stop(long timeoutMs) {
    stopped = true;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    boolean interrupted = false;
    while (active > 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        break;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        interrupted = true;
        break;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    threads.shutdown();
    return active;
  }
}
