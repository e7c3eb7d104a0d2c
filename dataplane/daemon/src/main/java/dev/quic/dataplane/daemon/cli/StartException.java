package dev.quic.dataplane.daemon.cli;

/** The data plane cannot start; the message is one line for the user. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  public StartException(String message) {
    super(message);
  }

  public StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
