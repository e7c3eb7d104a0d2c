package dev.quic.dataplane.core.frame;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;

/** Why a peer's transport parameters are refused. */
public enum TransportParamError {
  /** Nothing wrong. */
  NONE,
  /** An id, a length or a value runs past the end. */
  TRUNCATED,
  /** A parameter occurs twice (RFC 9000 section 7.4). */
  DUPLICATE,
  /** A client sent what only servers may send (RFC 9000 section 18.2). */
  SERVER_ONLY,
  /** A parameter's length does not fit its type. */
  BAD_LENGTH,
  /** A value outside the range its definition allows. */
  BAD_VALUE,
  /** initial_source_connection_id is missing or not the one seen (RFC 9000 section 7.3). */
  INITIAL_SOURCE_ID,
  /** original_destination_connection_id is missing or not the one used. */
  ORIGINAL_DESTINATION_ID,
  /** retry_source_connection_id is wrong, missing after a Retry or present without one. */
  RETRY_SOURCE_ID,
  /** version_information contradicts the version in use (RFC 9368 section 4). */
  VERSION,
  /** A server that accepted 0-RTT lowered a remembered limit (RFC 9000 section 7.4.1). */
  LOWERED_LIMIT;

  /** The transport error code to close with; 0 for {@link #NONE}. */
  public int transportError() {
    return switch (this) {
      case NONE -> QuicUapi.QUIC_TRANSPORT_ERROR_NONE;
      case VERSION -> QuicUapi.QUIC_TRANSPORT_ERROR_VERSION_NEGOTIATION;
      case LOWERED_LIMIT -> QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
      default -> QuicUapi.QUIC_TRANSPORT_ERROR_TRANSPORT_PARAM;
    };
  }

  /** What the socket option answers: 0 or a negated errno, as the kernel. */
  public int errno() {
    return switch (this) {
      case NONE -> 0;
      case VERSION -> -Errno.EPROTONOSUPPORT;
      default -> -Errno.EINVAL;
    };
  }
}
