package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.daemon.config.LimitSettings;
import dev.quic.handshaked.daemon.log.DaemonLog;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's loop: keeps a subscribed connection to the data plane, connects anew when it is
 * lost, and tells the pool of every notification.
 */
public final class HandshakeService {
  /** First pause before connecting again; doubles up to {@link #MAX_BACKOFF_MS}. */
  public static final long MIN_BACKOFF_MS = 20;

  public static final long MAX_BACKOFF_MS = 1000;

  /** Told of the connection to the data plane. Runs on the service's thread. */
  public interface Listener {
    /** Requests are heard of now. */
    void connected();

    /** They are not: the data plane is not there, or has gone. */
    void disconnected(String why);
  }

  private final Bus.Connector connector;
  private final WorkerPool pool;
  private final DaemonLog log;
  private final String place;
  private final Supplier<String> crypto;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wakeup = lock.newCondition();
  private @Nullable Listener listener;
  private Duration drain = Duration.ofSeconds(LimitSettings.DEFAULT_DRAIN_SECONDS);
  private @Nullable Bus bus;
  private boolean stopping;

  /**
   * @param place what messages call the data plane's socket
   * @param crypto what the line that says "ready" calls the cryptography
   */
  public HandshakeService(
      Bus.Connector connector,
      WorkerPool pool,
      DaemonLog log,
      String place,
      Supplier<String> crypto) {
    this.crypto = crypto;
    this.connector = connector;
    this.pool = pool;
    this.log = log;
    this.place = place;
  }

  /** Before {@link #run}. */
  public void listener(Listener l) {
    listener = l;
  }

  /** How long requests under way may take after {@link #stop}. Any thread. */
  public void drain(Duration limit) {
    lock.lock();
    try {
      drain = limit;
    } finally {
      lock.unlock();
    }
  }

  private long drainMs() {
    lock.lock();
    try {
      return drain.toMillis();
    } finally {
      lock.unlock();
    }
  }

  /** Serves until {@link #stop}, then lets requests under way finish. */
  public void run() {
    long backoff = MIN_BACKOFF_MS;
    boolean complained = false;
    while (!isStopping()) {
      try (Bus connected = connector.connect()) {
        if (!adopt(connected)) {
          break;
        }
        log.info(
            "ready: listening for handshake requests on " + place + ", crypto " + crypto.get());
        if (listener != null) {
          listener.connected();
        }
        backoff = MIN_BACKOFF_MS;
        complained = false;
        listen(connected);
      } catch (IOException e) {
        if (!complained && !isStopping()) {
          log.warn(e.getMessage() + ": trying again");
          complained = true;
        }
        if (listener != null) {
          listener.disconnected(String.valueOf(e.getMessage()));
        }
      }
      pause(backoff);
      backoff = Math.min(backoff * 2, MAX_BACKOFF_MS);
    }
  }

  /** Until the connection ends or {@link #stop}; then drains, since DONE needs the connection. */
  private void listen(Bus connected) {
    try {
      while (!isStopping()) {
        connected.awaitReady();
        pool.ready(connected);
      }
    } catch (IOException e) {
      if (!isStopping()) {
        log.warn("lost the data plane at " + place + " (" + e.getMessage() + "): reconnecting");
        if (listener != null) {
          listener.disconnected("lost the data plane");
        }
      }
    }
    if (isStopping()) {
      int left = pool.stop(drainMs());
      if (left > 0) {
        log.warn(left + " handshake" + (left == 1 ? "" : "s") + " given up at exit");
      }
    }
  }

  /** Ends {@link #run}. Any thread, any number of times. */
  public void stop() {
    lock.lock();
    try {
      stopping = true;
      if (bus != null) {
        bus.stopListening();
      }
      wakeup.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean adopt(Bus connected) {
    lock.lock();
    try {
      bus = connected;
      return !stopping;
    } finally {
      lock.unlock();
    }
  }

  private boolean isStopping() {
    lock.lock();
    try {
      return stopping;
    } finally {
      lock.unlock();
    }
  }

  private void pause(long millis) {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(millis);
      while (!stopping && left > 0) {
        left = wakeup.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      stopping = true;
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
