package dev.quic.dataplane.daemon.handshake;

import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests refused because too many wait: counted, and logged at most once a second. Any thread.
 */
final class RefusalCount {
  private static final Logger log = LoggerFactory.getLogger(RefusalCount.class);
  private static final long PERIOD_NANOS = 1_000_000_000;

  private final LongSupplier clock;
  private long total;
  private long logged;
  private long lastLogged;

  /**
   * @param clock monotonic nanoseconds
   */
  RefusalCount(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * @param waiting how many wait
   */
  void add(int waiting) {
    long unsaid;
    synchronized (this) {
      total++;
      long now = clock.getAsLong();
      if (logged > 0 && now - lastLogged < PERIOD_NANOS) {
        return;
      }
      unsaid = total - logged;
      logged = total;
      lastLogged = now;
    }
    log.warn(
        "{} handshake request(s) refused with EAGAIN: {} wait for a handshake daemon",
        unsaid,
        waiting);
  }

  synchronized long total() {
    return total;
  }
}
