package dev.quic.consumer.connection;

import java.io.IOException;

/** The peer gave a stream up: it reset it, or it asked us to stop sending. */
public final class StreamResetException extends IOException {
  private static final long serialVersionUID = 1L;
  private final long code;

  StreamResetException(long streamId, long code) {
    super("stream " + streamId + " was reset by the peer with code " + code);
    this.code = code;
  }

  /** The application's code, 0 to 2^32 - 1. */
  public long code() {
    return code;
  }
}
