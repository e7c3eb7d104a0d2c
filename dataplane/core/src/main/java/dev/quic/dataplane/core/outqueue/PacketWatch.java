package dev.quic.dataplane.core.outqueue;

import dev.quic.dataplane.core.frame.Frame;

/**
 * Told what became of whole packets: what the path makes of marks and sizes. {@code tags} are
 * {@link SentPackets#ECT0} and {@link SentPackets#MTU_PROBE}; numbers are of a {@code
 * QUIC_CRYPTO_*} level's space.
 */
public interface PacketWatch {
  /** Nobody watches. */
  PacketWatch NONE = new PacketWatch() {};

  default void acked(long now, int level, long pn, int bytes, int tags) {}

  default void lost(long now, int level, long pn, int bytes, int tags) {}

  /**
   * An ACK frame that acknowledged something new is processed but for the losses it shows.
   *
   * @param grew whether it raised the largest number acknowledged
   * @return whether it reports congestion by ECN
   */
  default boolean onAckFrame(long now, int level, Frame f, boolean grew) {
    return false;
  }
}
