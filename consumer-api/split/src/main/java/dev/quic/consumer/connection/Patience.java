package dev.quic.consumer.connection;

import dev.quic.consumer.QuicException;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;

/** Deadlines and interrupts in Java's own terms. */
final class Patience {
  /** For ever. */
  static final long NEVER = Long.MAX_VALUE;

  private Patience() {}

  /**
   * The nanoTime at which a wait that begins now is over.
   *
   * @param timeout zero or negative for none
   */
  static long deadline(Duration timeout) {
    if (timeout.isZero() || timeout.isNegative()) {
      return NEVER;
    }
    long now = System.nanoTime();
    long nanos = timeout.compareTo(Duration.ofDays(365)) > 0 ? NEVER / 2 : timeout.toNanos();
    long at = now + nanos;
    return at == NEVER ? at - 1 : at;
  }

  /** Nanoseconds left, at least 0. */
  static long left(long deadline) {
    return deadline == NEVER ? NEVER : Math.max(0, deadline - System.nanoTime());
  }

  /** For a poll: milliseconds rounded up, -1 for ever. */
  static long millis(long left) {
    return left == NEVER ? -1 : left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1);
  }

  /** The interrupted operation ends; the thread's status says so, too. */
  static InterruptedIOException interrupted(String what) {
    Thread.currentThread().interrupt();
    return new InterruptedIOException(what + " was interrupted");
  }

  /** The errno as the exception a Java program knows. */
  static IOException translate(QuicException e, String what) {
    return e.errno() == Errno.EINTR ? interrupted(what) : e;
  }
}
