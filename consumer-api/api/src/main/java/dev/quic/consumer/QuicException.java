package dev.quic.consumer;

import dev.quic.uapi.Errno;
import java.io.IOException;

/** A socket call failed, with the errno the kernel would give. */
public class QuicException extends IOException {
  private static final long serialVersionUID = 1L;
  private final int errno;

  /**
   * @param errno positive
   */
  public QuicException(int errno, String what) {
    super(what + ": " + Errno.name(errno));
    this.errno = errno;
  }

  /** Positive errno. */
  public int errno() {
    return errno;
  }
}
