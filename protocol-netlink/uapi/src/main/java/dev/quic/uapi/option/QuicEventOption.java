package dev.quic.uapi.option;

/**
 * {@code struct quic_event_option}, 2 bytes: EVENT (0).
 *
 * @param type {@code QUIC_EVENT_*}
 */
public record QuicEventOption(int type, boolean on) {
  public static final int SIZE = 2;

  public byte[] encode() {
    return new byte[] {(byte) type, (byte) (on ? 1 : 0)};
  }

  public static QuicEventOption decode(byte[] value) {
    Struct s = Struct.of(value, SIZE);
    return new QuicEventOption(s.u8(0), s.flag(1));
  }
}
