package dev.quic.uapi.option;

/**
 * {@code struct timeval} with 64-bit fields, 16 bytes: SO_RCVTIMEO and SO_SNDTIMEO of SOL_SOCKET.
 * Zero is no limit.
 */
public record Timeval(long seconds, long micros) {
  public static final int SIZE = 16;

  /** No program waits longer than this, a century, and it fits a long in nanoseconds. */
  private static final long MOST_SECONDS = 100L * 366 * 86_400;

  public byte[] encode() {
    return Struct.of(SIZE).put(0, 8, seconds).put(8, 8, micros).bytes();
  }

  public static Timeval decode(byte[] value) {
    Struct s = Struct.of(value, SIZE);
    return new Timeval(s.get(0, 8), s.get(8, 8));
  }

  /**
   * When a wait ends that begins now.
   *
   * @param now {@link System#nanoTime}
   * @return in the same clock; {@link Long#MAX_VALUE} for never
   */
  public long deadline(long now) {
    if (seconds == 0 && micros == 0) {
      return Long.MAX_VALUE;
    }
    // As in the kernel, a negative time is over.
    long nanos = Math.clamp(seconds, 0, MOST_SECONDS) * 1_000_000_000L + micros * 1_000;
    return now + (seconds < 0 ? 0 : nanos);
  }
}
