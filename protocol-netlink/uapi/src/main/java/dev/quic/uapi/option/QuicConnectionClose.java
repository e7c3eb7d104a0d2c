package dev.quic.uapi.option;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * {@code struct quic_connection_close}, 72 bytes: CONNECTION_CLOSE (5) and its event.
 *
 * @param errcode application code, or transport error 0x100 + alert while a handshake runs
 * @param frame type of the offending frame, 0 for none
 * @param phrase at most 63 bytes of UTF-8
 */
public record QuicConnectionClose(long errcode, int frame, String phrase) {
  public static final int SIZE = 72;
  private static final int PHRASE = 63;

  public byte[] encode() {
    byte[] text = phrase.getBytes(StandardCharsets.UTF_8);
    return Struct.of(SIZE).put(0, 4, errcode).put(4, 1, frame).put(8, text, PHRASE).bytes();
  }

  public static QuicConnectionClose decode(byte[] value) {
    Struct s = Struct.of(value, SIZE);
    byte[] text = s.bytes(8, PHRASE);
    int n = 0;
    while (n < text.length && text[n] != 0) {
      n++;
    }
    String phrase = new String(Arrays.copyOf(text, n), StandardCharsets.UTF_8);
    return new QuicConnectionClose(s.get(0, 4), s.u8(4), phrase);
  }
}
