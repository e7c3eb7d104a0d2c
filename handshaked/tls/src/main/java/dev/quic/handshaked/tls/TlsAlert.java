package dev.quic.handshaked.tls;

/** Alerts (RFC 8446 section 6): names, and the errno that a consumer gets. */
public final class TlsAlert {
  public static final int UNEXPECTED_MESSAGE = 10;
  public static final int HANDSHAKE_FAILURE = 40;
  public static final int BAD_CERTIFICATE = 42;
  public static final int CERTIFICATE_REVOKED = 44;
  public static final int CERTIFICATE_EXPIRED = 45;
  public static final int UNKNOWN_CA = 48;
  public static final int INTERNAL_ERROR = 80;
  public static final int MISSING_EXTENSION = 109;
  public static final int UNKNOWN_PSK_IDENTITY = 115;
  public static final int NO_APPLICATION_PROTOCOL = 120;

  /** Base of QUIC's error codes for alerts (RFC 9001 section 4.8). */
  public static final int CRYPTO_ERROR = 0x100;

  private TlsAlert() {}

  /**
   * The status of a handshake that ended with an alert, ours or the peer's: EKEYEXPIRED for a
   * certificate out of its time, EKEYREVOKED for a revoked one, EKEYREJECTED for a pre-shared key
   * that one end does not know, EACCES for all others.
   */
  public static int status(int alert) {
    return switch (alert) {
      case CERTIFICATE_EXPIRED -> SocketOptions.EKEYEXPIRED;
      case CERTIFICATE_REVOKED -> SocketOptions.EKEYREVOKED;
      case UNKNOWN_PSK_IDENTITY -> SocketOptions.EKEYREJECTED;
      default -> SocketOptions.EACCES;
    };
  }

  /**
   * The status of a handshake that the peer ended with an alert. What the alert says of our
   * certificate is for the peer's eyes only: EACCES, but EKEYREJECTED for an unknown identity.
   */
  static int peerStatus(int alert) {
    return alert == UNKNOWN_PSK_IDENTITY ? SocketOptions.EKEYREJECTED : SocketOptions.EACCES;
  }

  /** The RFC's name, {@code "alert 200"} for an unknown one. */
  public static String name(int alert) {
    return switch (alert) {
      case 0 -> "close_notify";
      case UNEXPECTED_MESSAGE -> "unexpected_message";
      case 20 -> "bad_record_mac";
      case 22 -> "record_overflow";
      case HANDSHAKE_FAILURE -> "handshake_failure";
      case BAD_CERTIFICATE -> "bad_certificate";
      case 43 -> "unsupported_certificate";
      case CERTIFICATE_REVOKED -> "certificate_revoked";
      case CERTIFICATE_EXPIRED -> "certificate_expired";
      case 46 -> "certificate_unknown";
      case 47 -> "illegal_parameter";
      case UNKNOWN_CA -> "unknown_ca";
      case 49 -> "access_denied";
      case 50 -> "decode_error";
      case 51 -> "decrypt_error";
      case 70 -> "protocol_version";
      case 71 -> "insufficient_security";
      case INTERNAL_ERROR -> "internal_error";
      case 86 -> "inappropriate_fallback";
      case 90 -> "user_canceled";
      case MISSING_EXTENSION -> "missing_extension";
      case 110 -> "unsupported_extension";
      case 112 -> "unrecognized_name";
      case 113 -> "bad_certificate_status_response";
      case UNKNOWN_PSK_IDENTITY -> "unknown_psk_identity";
      case 116 -> "certificate_required";
      case NO_APPLICATION_PROTOCOL -> "no_application_protocol";
      default -> "alert " + alert;
    };
  }
}
