package dev.quic.consumer;

import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * Gathers small sends that follow one another at once, so that a stream of them costs a packet in
 * 32 KiB rather than one each. Who sends now and then is not gathered. Guarded by the line's lock,
 * but for {@link #isEmpty}.
 */
final class Gatherer {
  /** Sends in a row after which the next ones are gathered. */
  static final int STREAK = 16;

  /** Longest pause within a row, ns. */
  static final long GAP_NANOS = 100_000;

  /** Larger sends go by themselves, bytes. */
  static final int LARGEST = 16_384;

  /** What is gathered is handed over from here on, bytes. */
  static final int ENOUGH = 32_768;

  private static final int IGNORED =
      QuicUapi.MSG_NOSIGNAL | QuicUapi.MSG_MORE | QuicUapi.MSG_WAITALL | QuicUapi.MSG_BATCH;

  private final DataPacket packet = new DataPacket(DataPacket.SEND);
  private byte @Nullable [] bytes;
  private volatile int used;
  private long lastSend;
  private int streak;

  /** Whether nothing waits to be handed over. Any thread. */
  boolean isEmpty() {
    return used == 0;
  }

  /**
   * Counts a send.
   *
   * @param now nanoseconds
   * @return whether it is to be gathered
   */
  boolean wants(QuicMsg m, int len, long now) {
    streak = now - lastSend < GAP_NANOS ? Math.min(streak + 1, STREAK) : 0;
    lastSend = now;
    return streak == STREAK && len > 0 && len <= LARGEST && isPlain(m);
  }

  /** Whether nothing was sent for so long that what waits shall go. */
  boolean isOld(long now) {
    return now - lastSend >= GAP_NANOS;
  }

  private static boolean isPlain(QuicMsg m) {
    boolean names = m.cmsg == QuicUapi.QUIC_STREAM_INFO;
    return (m.flags & ~IGNORED) == 0
        && (names ? m.streamId >= 0 && m.streamFlags == 0 : m.cmsg == QuicMsg.CMSG_NONE);
  }

  /** Whether a send goes with what waits. */
  boolean fits(QuicMsg m, int len) {
    boolean same = m.cmsg == packet.cmsg && (m.cmsg < 0 || m.streamId == packet.streamId);
    return used == 0 || same && used + len <= DataPacket.MAX_PAYLOAD;
  }

  /**
   * Takes a send that {@link #fits}.
   *
   * @return whether it is enough to be handed over
   */
  boolean add(QuicMsg m, byte[] buf, int off, int len) {
    byte[] b = bytes;
    if (b == null) {
      b = new byte[DataPacket.MAX_PAYLOAD];
      bytes = b;
    }
    packet.cmsg = m.cmsg;
    packet.streamId = m.cmsg < 0 ? -1 : m.streamId;
    System.arraycopy(buf, off, b, used, len);
    used += len;
    return used >= ENOUGH;
  }

  /** All that waits. */
  DataPacket packet() {
    byte[] b = bytes;
    if (b != null) {
      packet.payload(b, 0, used);
    }
    return packet;
  }

  /** It was handed over, or nobody will ever take it. */
  void clear() {
    used = 0;
  }
}
