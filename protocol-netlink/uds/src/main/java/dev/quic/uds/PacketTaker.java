package dev.quic.uds;

/** Takes packets apart, so that what is large is copied to where it belongs, and nowhere before. */
@FunctionalInterface
public interface PacketTaker {
  /**
   * A packet came, and its beginning is where {@link SeqPacket#tryReceive(byte[], PacketTaker)} was
   * asked to put it.
   *
   * @param length bytes of the whole packet
   */
  void take(int length, PacketBytes packet);
}
