package dev.quic.dataplane.daemon.door;

import static dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_ALPN;
import static dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_CONFIG;
import static dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE;
import static dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET;
import static dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_EARLY_DATA;
import static dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_SESSION_TICKET;
import static dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_SET_TICKET_KEY;
import static dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
import static dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT;

import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;

/** What the holder of a handshake grant may do: run a handshake, and nothing else. */
final class GrantRules {
  private GrantRules() {}

  /** Requests other than options. */
  static boolean allowsRequest(int op) {
    return switch (op) {
      case Door.OP_SENDMSG,
          Door.OP_SEND,
          Door.OP_GETPEERNAME,
          Door.OP_GETSOCKNAME,
          Door.OP_GETSOCKOPT,
          Door.OP_SETSOCKOPT ->
          true;
      default -> false;
    };
  }

  static boolean allowsGet(int level, int name) {
    if (level == QuicUapi.SOL_SOCKET) {
      return name == QuicUapi.SO_PROTOCOL;
    }
    return level == QuicUapi.SOL_QUIC
        && switch (name) {
          case QUIC_SOCKOPT_ALPN,
              QUIC_SOCKOPT_CONFIG,
              QUIC_SOCKOPT_SESSION_TICKET,
              QUIC_SOCKOPT_SET_TICKET_KEY,
              QUIC_SOCKOPT_TRANSPORT_PARAM,
              QUIC_SOCKOPT_TRANSPORT_PARAM_EXT,
              QUIC_SOCKOPT_CONNECTION_CLOSE,
              QUIC_SOCKOPT_EARLY_DATA ->
              true;
          default -> false;
        };
  }

  static boolean allowsSet(int level, int name) {
    return level == QuicUapi.SOL_QUIC
        && switch (name) {
          case QUIC_SOCKOPT_ALPN,
              QUIC_SOCKOPT_CONFIG,
              QUIC_SOCKOPT_SESSION_TICKET,
              QUIC_SOCKOPT_CRYPTO_SECRET,
              QUIC_SOCKOPT_TRANSPORT_PARAM_EXT,
              QUIC_SOCKOPT_CONNECTION_CLOSE,
              QUIC_SOCKOPT_EARLY_DATA ->
              true;
          default -> false;
        };
  }
}
