package dev.quic.uapi.option;

import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a notification carries behind its type byte, by {@code QUIC_EVENT_*}. */
public sealed interface QuicEvent {
  /**
   * @param state {@code QUIC_STREAM_SEND_STATE_*} or {@code QUIC_STREAM_RECV_STATE_*}
   */
  record StreamUpdate(long id, int state, long errcode, long finalsz) implements QuicEvent {}

  record StreamMaxData(long id, long maxData) implements QuicEvent {}

  /**
   * @param maxStream the limit as a stream id of its type
   */
  record StreamMaxStream(long maxStream) implements QuicEvent {}

  record ConnectionId(QuicConnectionIdInfo info) implements QuicEvent {}

  record ConnectionClose(QuicConnectionClose info) implements QuicEvent {}

  /**
   * @param local whether our side moved
   */
  record ConnectionMigration(boolean local) implements QuicEvent {}

  /**
   * @param phase the new key phase
   */
  record KeyUpdate(int phase) implements QuicEvent {}

  record NewToken(byte[] token) implements QuicEvent {}

  /**
   * @param message the raw TLS message
   */
  record NewSessionTicket(byte[] message) implements QuicEvent {}

  /** Builds a notification, type byte included. */
  default byte[] encode() {
    return switch (this) {
      case StreamUpdate e ->
          Struct.of(25)
              .put(0, 1, QuicUapi.QUIC_EVENT_STREAM_UPDATE)
              .put(1, 8, e.id)
              .put(9, 1, e.state)
              .put(13, 4, e.errcode)
              .put(17, 8, e.finalsz)
              .bytes();
      case StreamMaxData e ->
          Struct.of(17)
              .put(0, 1, QuicUapi.QUIC_EVENT_STREAM_MAX_DATA)
              .put(1, 8, e.id)
              .put(9, 8, e.maxData)
              .bytes();
      case StreamMaxStream e ->
          Struct.of(9)
              .put(0, 1, QuicUapi.QUIC_EVENT_STREAM_MAX_STREAM)
              .put(1, 8, e.maxStream)
              .bytes();
      case ConnectionId e -> prefixed(QuicUapi.QUIC_EVENT_CONNECTION_ID, e.info.encode());
      case ConnectionClose e -> prefixed(QuicUapi.QUIC_EVENT_CONNECTION_CLOSE, e.info.encode());
      case ConnectionMigration e ->
          new byte[] {QuicUapi.QUIC_EVENT_CONNECTION_MIGRATION, (byte) (e.local ? 1 : 0)};
      case KeyUpdate e -> new byte[] {QuicUapi.QUIC_EVENT_KEY_UPDATE, (byte) e.phase};
      case NewToken e -> prefixed(QuicUapi.QUIC_EVENT_NEW_TOKEN, e.token);
      case NewSessionTicket e -> prefixed(QuicUapi.QUIC_EVENT_NEW_SESSION_TICKET, e.message);
    };
  }

  private static byte[] prefixed(int type, byte[] body) {
    byte[] out = new byte[1 + body.length];
    out[0] = (byte) type;
    System.arraycopy(body, 0, out, 1, body.length);
    return out;
  }

  /** Reads a notification; null for an unknown type or no bytes. */
  static @Nullable QuicEvent decode(byte[] value, int len) {
    if (len < 1) {
      return null;
    }
    byte[] body = Arrays.copyOfRange(value, 1, len);
    Struct s = Struct.of(body, 24);
    return switch (value[0]) {
      case QuicUapi.QUIC_EVENT_STREAM_UPDATE ->
          new StreamUpdate(s.get(0, 8), s.u8(8), s.get(12, 4), s.get(16, 8));
      case QuicUapi.QUIC_EVENT_STREAM_MAX_DATA -> new StreamMaxData(s.get(0, 8), s.get(8, 8));
      case QuicUapi.QUIC_EVENT_STREAM_MAX_STREAM -> new StreamMaxStream(s.get(0, 8));
      case QuicUapi.QUIC_EVENT_CONNECTION_ID -> new ConnectionId(QuicConnectionIdInfo.decode(body));
      case QuicUapi.QUIC_EVENT_CONNECTION_CLOSE ->
          new ConnectionClose(QuicConnectionClose.decode(body));
      case QuicUapi.QUIC_EVENT_CONNECTION_MIGRATION -> new ConnectionMigration(s.flag(0));
      case QuicUapi.QUIC_EVENT_KEY_UPDATE -> new KeyUpdate(s.u8(0));
      case QuicUapi.QUIC_EVENT_NEW_TOKEN -> new NewToken(body);
      case QuicUapi.QUIC_EVENT_NEW_SESSION_TICKET -> new NewSessionTicket(body);
      default -> null;
    };
  }
}
