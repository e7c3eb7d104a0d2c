package dev.quic.handshaked.daemon.log;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A warning that may come often and is logged at most once a second, with the number of those that
 * were not. Any thread.
 */
public final class RareWarning {
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final DaemonLog log;
  private final LongSupplier clock;
  private long lastLogged;
  private boolean logged;
  private long unsaid;
  private long total;
  private String latest = "";

  /**
   * @param clock monotonic nanoseconds
   */
  public RareWarning(DaemonLog log, LongSupplier clock) {
    this.log = log;
    this.clock = clock;
  }

  public synchronized void warn(String line) {
    total++;
    unsaid++;
    latest = line;
    say();
  }

  /** Once a second or so: says what is left to say. */
  public synchronized void flush() {
    if (unsaid > 0) {
      say();
    }
  }

  /** How often it was warned of, logged or not. */
  public synchronized long total() {
    return total;
  }

  private void say() {
    long now = clock.getAsLong();
    if (logged && now - lastLogged < PERIOD_NANOS) {
      return;
    }
    log.warn(unsaid == 1 ? latest : latest + "; " + unsaid + " such since the last line");
    logged = true;
    lastLogged = now;
    unsaid = 0;
  }
}
