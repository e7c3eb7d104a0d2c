package dev.quic.handshaked.tls;

import java.io.IOException;

/** A call at a {@link HandshakePort} failed with an errno. */
public final class HandshakePortException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param errno positive
   */
  public HandshakePortException(int errno, String message) {
    super(message);
    this.errno = errno;
  }

  /** Positive Linux errno. */
  public int errno() {
    return errno;
  }
}
