package dev.quic.uapi.option;

/**
 * {@code struct quic_stream_info}, 16 bytes with its padding: STREAM_OPEN (1) and the STREAM_INFO
 * control message.
 */
public record QuicStreamInfo(long streamId, int streamFlags) {
  public static final int SIZE = 16;

  public byte[] encode() {
    return Struct.of(SIZE).put(0, 8, streamId).put(8, 4, streamFlags).bytes();
  }

  public static QuicStreamInfo decode(byte[] value) {
    Struct s = Struct.of(value, SIZE);
    return new QuicStreamInfo(s.get(0, 8), (int) s.get(8, 4));
  }
}
