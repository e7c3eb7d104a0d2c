package dev.quic.dataplane.io;

import dev.quic.uapi.Errno;
import java.io.IOException;

/** A UDP port that could not be bound, with the system's reason. */
final class BindException extends IOException {
  private static final long serialVersionUID = 1;

  private final int errno;

  BindException(int errno) {
    super(Errno.name(errno));
    this.errno = errno;
  }

  /** Positive. */
  int errno() {
    return errno;
  }
}
