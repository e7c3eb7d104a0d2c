package dev.quic.consumer.connection;

import java.io.IOException;

/** The connection is over: closed by the peer or here, or lost. */
public final class ConnectionClosedException extends IOException {
  private static final long serialVersionUID = 1L;
  private final long code;

  ConnectionClosedException(long code, String message) {
    super(message);
    this.code = code;
  }

  /** The code the peer closed it with, 0 where there is none. */
  public long code() {
    return code;
  }
}
