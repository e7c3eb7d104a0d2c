package dev.quic.uapi.option;

/**
 * {@code struct quic_connection_id_info}, 12 bytes: CONNECTION_ID (4) and its event.
 *
 * @param dest the peer's ids, not ours
 */
public record QuicConnectionIdInfo(boolean dest, long active, long priorTo) {
  public static final int SIZE = 12;

  public byte[] encode() {
    return Struct.of(SIZE).put(0, 1, dest ? 1 : 0).put(4, 4, active).put(8, 4, priorTo).bytes();
  }

  public static QuicConnectionIdInfo decode(byte[] value) {
    Struct s = Struct.of(value, SIZE);
    return new QuicConnectionIdInfo(s.flag(0), s.get(4, 4), s.get(8, 4));
  }
}
