package dev.quic.dataplane.core.common;

/** Packet number coding, RFC 9000 section 17.1 and appendix A. */
public final class PacketNumber {
  private PacketNumber() {}

  /** Largest packet number. */
  public static final long MAX = Varint.MAX;

  /**
   * Bytes needed so that a receiver that saw {@code largestAcked} (-1 for none) or anything later
   * decodes {@code pn}: 1 to 4 (RFC 9000 appendix A.2).
   */
  public static int length(long pn, long largestAcked) {
    long unacked = largestAcked < 0 ? pn + 1 : pn - largestAcked;
    if (unacked < 1L << 7) {
      return 1;
    }
    if (unacked < 1L << 15) {
      return 2;
    }
    return unacked < 1L << 23 ? 3 : 4;
  }

  /** Writes the low {@code bytes} bytes of {@code pn}. */
  public static void write(byte[] buf, int off, long pn, int bytes) {
    for (int i = 0; i < bytes; i++) {
      buf[off + i] = (byte) (pn >>> 8 * (bytes - 1 - i));
    }
  }

  /** Reads {@code bytes} bytes, still truncated. */
  public static long read(byte[] buf, int off, int bytes) {
    long v = 0;
    for (int i = 0; i < bytes; i++) {
      v = v << 8 | buf[off + i] & 0xff;
    }
    return v;
  }

  /**
   * Completes a truncated number (RFC 9000 appendix A.3).
   *
   * @param truncated value on the wire
   * @param bytes its length, 1 to 4
   * @param largest largest number successfully processed in the space, -1 for none
   */
  public static long decode(long truncated, int bytes, long largest) {
    long expected = largest + 1;
    long window = 1L << 8 * bytes;
    long half = window / 2;
    long candidate = expected & -window | truncated;
    if (candidate <= expected - half && candidate < (1L << 62) - window) {
      return candidate + window;
    }
    if (candidate > expected + half && candidate >= window) {
      return candidate - window;
    }
    return candidate;
  }
}
