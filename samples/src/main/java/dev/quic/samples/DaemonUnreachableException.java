package dev.quic.samples;

import java.io.IOException;

/** A daemon's socket is not there or does not answer: exit code 3. */
public final class DaemonUnreachableException extends IOException {
  private static final long serialVersionUID = 1L;

  public DaemonUnreachableException(String message, Throwable cause) {
    super(message, cause);
  }
}
