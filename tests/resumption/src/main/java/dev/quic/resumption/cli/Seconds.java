package dev.quic.resumption.cli;

import java.time.Duration;

/** Times that options give. */
final class Seconds {
  /** A year: beyond it nobody waits, and nanoseconds do not go much further. */
  private static final long MAX = 31_536_000;

  private Seconds() {}

  /**
   * What an option says.
   *
   * @throws IllegalArgumentException with one line for the user
   */
  static Duration of(String option, long seconds, long least) {
    if (seconds < least || seconds > MAX) {
      throw new IllegalArgumentException(option + " is from " + least + " to " + MAX + " seconds");
    }
    return Duration.ofSeconds(seconds);
  }
}
