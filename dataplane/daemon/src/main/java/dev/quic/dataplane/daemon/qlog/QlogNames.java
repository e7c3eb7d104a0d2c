package dev.quic.dataplane.daemon.qlog;

import dev.quic.dataplane.core.common.Drop;
import dev.quic.uapi.QuicUapi;
import java.util.Locale;

/** The words of the qlog drafts for our numbers. */
final class QlogNames {
  private static final String[] TRANSPORT_ERRORS = {
    "no_error",
    "internal_error",
    "connection_refused",
    "flow_control_error",
    "stream_limit_error",
    "stream_state_error",
    "final_size_error",
    "frame_encoding_error",
    "transport_parameter_error",
    "connection_id_limit_error",
    "protocol_violation",
    "invalid_token",
    "application_error",
    "crypto_buffer_exceeded",
    "key_update_error",
    "aead_limit_reached",
    "no_viable_path"
  };

  private static final String[] ECN_STATES = {"testing", "unknown", "capable", "failed"};

  private QlogNames() {}

  static String packetType(long level) {
    return switch ((int) level) {
      case QuicUapi.QUIC_CRYPTO_INITIAL -> "initial";
      case QuicUapi.QUIC_CRYPTO_HANDSHAKE -> "handshake";
      case QuicUapi.QUIC_CRYPTO_EARLY -> "0RTT";
      default -> "1RTT";
    };
  }

  /** The key of a level and side. */
  static String keyType(long level, boolean server) {
    String what =
        switch ((int) level) {
          case QuicUapi.QUIC_CRYPTO_INITIAL -> "initial";
          case QuicUapi.QUIC_CRYPTO_HANDSHAKE -> "handshake";
          case QuicUapi.QUIC_CRYPTO_EARLY -> "0rtt";
          default -> "1rtt";
        };
    return (server ? "server_" : "client_") + what + "_secret";
  }

  static String dropTrigger(long reason) {
    return switch ((int) reason) {
      case Drop.NO_KEY -> "key_unavailable";
      case Drop.DECRYPT -> "decryption_failure";
      case Drop.DUPLICATE -> "duplicate";
      case Drop.LIMIT -> "rejected";
      case Drop.VERSION -> "unsupported";
      case Drop.HEADER -> "invalid";
      case Drop.NO_SOCKET -> "connection_unknown";
      default -> "general";
    };
  }

  /** A connection state, or an empty text for one that is none of a connection's. */
  static String state(long state) {
    return switch ((int) state) {
      case QuicUapi.QUIC_SS_ESTABLISHING -> "attempted";
      case QuicUapi.QUIC_SS_ESTABLISHED -> "handshake_complete";
      case QuicUapi.QUIC_SS_CLOSED -> "closed";
      default -> "";
    };
  }

  /** Adds a transport parameter by its number, if the schema has it. */
  static void parameter(StringBuilder to, long id, long value) {
    String name =
        switch ((int) id) {
          case 0x01 -> "max_idle_timeout";
          case 0x03 -> "max_udp_payload_size";
          case 0x04 -> "initial_max_data";
          case 0x05 -> "initial_max_stream_data_bidi_local";
          case 0x06 -> "initial_max_stream_data_bidi_remote";
          case 0x07 -> "initial_max_stream_data_uni";
          case 0x08 -> "initial_max_streams_bidi";
          case 0x09 -> "initial_max_streams_uni";
          case 0x0a -> "ack_delay_exponent";
          case 0x0b -> "max_ack_delay";
          case 0x0c -> "disable_active_migration";
          case 0x0e -> "active_connection_id_limit";
          case 0x20 -> "max_datagram_frame_size";
          case 0x2ab2 -> "grease_quic_bit";
          default -> "";
        };
    boolean flag = id == 0x0c || id == 0x2ab2;
    if (!name.isEmpty() && to.length() < QlogLimits.FRAMES_TEXT) {
      to.append(",\"").append(name).append("\":");
      to.append(flag ? String.valueOf(value != 0) : Long.toUnsignedString(value));
    }
  }

  static String ecnState(long state) {
    return state >= 0 && state < ECN_STATES.length ? ECN_STATES[(int) state] : "unknown";
  }

  static String transportError(long code) {
    if (code >= 0x100 && code <= 0x1ff) {
      return String.format(Locale.ROOT, "crypto_error_0x%03x", code);
    }
    return code >= 0 && code < TRANSPORT_ERRORS.length ? TRANSPORT_ERRORS[(int) code] : "unknown";
  }
}
