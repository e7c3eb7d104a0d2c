package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Resets and closes, as the socket reports and sends them. */
public final class StreamErrors {
  /** struct quic_errinfo: stream id, error code, padding. */
  private static final int ERRINFO = 16;

  /** struct quic_connection_close: error code, frame, 3 reserved, phrase. */
  private static final int CONNECTION_CLOSE = 72;

  private static final int CLOSE_FRAME = 4;
  private static final int CLOSE_PHRASE = 8;

  /** An event is its type, one byte, and then its struct: here struct quic_stream_update. */
  private static final int UPDATE_ID = 1;

  private static final int UPDATE_STATE = 9;
  private static final int UPDATE_CODE = 13;
  private static final int UPDATE_END = 17;

  private StreamErrors() {}

  /** From now on a stream that the peer resets is reported among the messages. */
  public static void watch(QuicSocket sock) throws QuicException {
    sock.setsockopt(
        QuicUapi.SOL_QUIC,
        QuicUapi.QUIC_SOCKOPT_EVENT,
        new byte[] {(byte) QuicUapi.QUIC_EVENT_STREAM_UPDATE, 1});
  }

  /** The stream that a notification says the peer reset, -1 for any other notification. */
  public static long resetStream(byte[] event, int len) {
    ByteBuffer b = ByteBuffer.wrap(event, 0, len).order(ByteOrder.LITTLE_ENDIAN);
    boolean reset =
        len >= UPDATE_END
            && b.get(0) == QuicUapi.QUIC_EVENT_STREAM_UPDATE
            && b.get(UPDATE_STATE) == QuicUapi.QUIC_STREAM_RECV_STATE_RESET_RECVD;
    return reset ? b.getLong(UPDATE_ID) : -1;
  }

  /** The error code of such a notification. */
  public static long resetCode(byte[] event) {
    return ByteBuffer.wrap(event).order(ByteOrder.LITTLE_ENDIAN).getInt(UPDATE_CODE) & 0xffffffffL;
  }

  /** Ends a stream abruptly, as far as it is still open. */
  public static void reset(QuicSocket sock, long stream, int code) {
    byte[] info =
        ByteBuffer.allocate(ERRINFO)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(stream)
            .putInt(code)
            .array();
    try {
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_STREAM_RESET, info);
    } catch (QuicException e) {
      // the stream or the connection is gone already, which is what was wanted
    }
  }

  /** Why a connection is over, for the user. */
  public static String closed(QuicSocket sock) {
    ByteBuffer info;
    try {
      info =
          ByteBuffer.wrap(
                  sock.getsockopt(
                      QuicUapi.SOL_QUIC,
                      QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE,
                      new byte[0],
                      CONNECTION_CLOSE))
              .order(ByteOrder.LITTLE_ENDIAN);
    } catch (QuicException e) {
      return "the connection ended";
    }
    if (info.limit() < CLOSE_PHRASE) {
      return "the connection ended";
    }
    long code = info.getInt(0) & 0xffffffffL;
    String phrase =
        StandardCharsets.UTF_8
            .decode(info.slice(CLOSE_PHRASE, info.limit() - CLOSE_PHRASE))
            .toString()
            .replaceAll("\0.*", "")
            .replaceAll("[^ -~]", "?");
    return String.format(
        Locale.ROOT,
        "the connection was closed with error 0x%x%s%s",
        code,
        info.get(CLOSE_FRAME) == 0 ? "" : ", frame " + info.get(CLOSE_FRAME),
        phrase.isEmpty() ? "" : ": " + phrase);
  }
}
