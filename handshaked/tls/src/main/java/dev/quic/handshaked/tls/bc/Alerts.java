package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.TlsEvent;
import java.io.EOFException;
import java.util.Locale;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.HandshakeType;
import org.bouncycastle.tls.TlsFatalAlert;

/** From what bctls throws to an alert with a reason for a person. */
final class Alerts {
  private Alerts() {}

  /**
   * @param messageType handshake message that was being processed, -1 for none
   */
  static TlsEvent.Alert of(Throwable thrown, int messageType) {
    if (thrown instanceof Refusal refusal) {
      return new TlsEvent.Alert(refusal.getAlertDescription(), refusal.reason());
    }
    int alert = number(thrown, messageType);
    return new TlsEvent.Alert(alert, reason(thrown, alert, messageType));
  }

  private static int number(Throwable thrown, int messageType) {
    if (thrown instanceof TlsFatalAlert fatal) {
      Throwable cause = fatal.getCause();
      boolean wrapped = fatal.getAlertDescription() == AlertDescription.internal_error;
      return wrapped && cause != null ? malformed(cause, messageType) : fatal.getAlertDescription();
    }
    // bctls lets truncated structures and bad ASN.1 through as they are.
    if (thrown instanceof EOFException) {
      return AlertDescription.decode_error;
    }
    return malformed(thrown, messageType);
  }

  private static int malformed(Throwable cause, int messageType) {
    return switch (messageType) {
      case -1 -> AlertDescription.internal_error;
      // A share that is no public key of its group, such as ML-KEM's coefficients out of range.
      case HandshakeType.client_hello, HandshakeType.server_hello ->
          cause instanceof IllegalArgumentException
              ? AlertDescription.illegal_parameter
              : AlertDescription.decode_error;
      case HandshakeType.certificate -> AlertDescription.bad_certificate;
      default -> AlertDescription.decode_error;
    };
  }

  private static String reason(Throwable thrown, int alert, int messageType) {
    StringBuilder text = new StringBuilder();
    if (messageType >= 0) {
      text.append(HandshakeType.getName((short) messageType)).append(": ");
    }
    String message = thrown.getMessage();
    if (thrown instanceof TlsFatalAlert && message != null && message.contains("; ")) {
      text.append(message.substring(message.indexOf("; ") + 2));
    } else {
      text.append(
          AlertDescription.getName((short) alert).toLowerCase(Locale.ROOT).replace('_', ' '));
    }
    return text.toString().lines().findFirst().orElse("").strip();
  }
}
