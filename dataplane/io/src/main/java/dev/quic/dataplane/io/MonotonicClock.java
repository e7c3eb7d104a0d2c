package dev.quic.dataplane.io;

/**
 * The time the core is given: nanoseconds since shortly before this class was loaded, the same for
 * every shard of the process, always positive.
 */
public final class MonotonicClock {
  private MonotonicClock() {}

  /** One second of head start, so that subtracting small spans stays positive. */
  private static final long ORIGIN = System.nanoTime() - 1_000_000_000L;

  /** Now, in nanoseconds; never goes back. */
  public static long now() {
    return System.nanoTime() - ORIGIN;
  }
}
