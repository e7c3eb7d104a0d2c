package dev.quic.handshaked.tls.cert;

/** A peer's certificate was refused; the message is one line for a person. */
public final class CertificateFault extends Exception {
  private static final long serialVersionUID = 1L;

  private final int alert;

  /**
   * @param alert TLS alert number (RFC 8446 section 6.2)
   */
  CertificateFault(int alert, String message) {
    super(message);
    this.alert = alert;
  }

  /** TLS alert number (RFC 8446 section 6.2). */
  public int alert() {
    return alert;
  }
}
