package dev.quic.uds;

/** A packet where the system put it; gone when the {@link PacketTaker} returns. */
public interface PacketBytes {
  /**
   * Copies a part of it.
   *
   * @param from first byte of the packet
   */
  void copy(int from, byte[] into, int off, int len);
}
