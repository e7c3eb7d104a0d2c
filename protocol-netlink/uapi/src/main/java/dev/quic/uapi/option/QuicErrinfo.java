package dev.quic.uapi.option;

/**
 * {@code struct quic_errinfo}, 16 bytes with its padding: STREAM_RESET (2) and STREAM_STOP_SENDING
 * (3).
 */
public record QuicErrinfo(long streamId, int errcode) {
  public static final int SIZE = 16;

  public byte[] encode() {
    return Struct.of(SIZE).put(0, 8, streamId).put(8, 4, errcode).bytes();
  }

  public static QuicErrinfo decode(byte[] value) {
    Struct s = Struct.of(value, SIZE);
    return new QuicErrinfo(s.get(0, 8), (int) s.get(8, 4));
  }
}
