package dev.quic.handshaked.tls.cert;

import java.io.IOException;

/** A certificate, key or trust store that cannot be used; the message is one line for a person. */
public final class CredentialException extends IOException {
  private static final long serialVersionUID = 1L;

  public CredentialException(String message) {
    super(message);
  }

  public CredentialException(String message, Throwable cause) {
    super(message, cause);
  }
}
