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
