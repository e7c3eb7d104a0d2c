package dev.quic.handshaked.tls.cert;

import java.io.IOException;

/** A certificate, key or trust store that cannot be used; the message is one line for a person. */
public final class CredentialException extends IOException {
  /** ENOKEY: what most of these mean to a consumer. */
  public static final int DEFAULT_STATUS = 126;

  private static final long serialVersionUID = 1L;

  private final int status;

  public CredentialException(String message) {
    this(DEFAULT_STATUS, message);
  }

  public CredentialException(String message, Throwable cause) {
    super(message, cause);
    this.status = DEFAULT_STATUS;
  }

  /**
   * @param status positive errno for the consumer, EKEYREVOKED for instance
   */
  public CredentialException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** Positive errno: what a handshake that needed this ends with. */
  public int status() {
    return status;
  }
}
