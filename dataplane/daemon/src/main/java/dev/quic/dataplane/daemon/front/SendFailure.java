package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.uapi.QuicUapi;

/**
 * A send that nobody waited for, and that failed.
 *
 * @param stream it was for; -1 when the message did not name one
 * @param errno above 0
 */
public record SendFailure(long stream, int errno) {
  private static final long NONE = -1;

  static SendFailure of(Msg m, int errno) {
    return new SendFailure(m.cmsg == QuicUapi.QUIC_STREAM_INFO ? m.streamId : NONE, errno);
  }

  /** Whether who sends this message is to be told: it is for the same stream, or names none. */
  public boolean concerns(Msg m) {
    boolean named = m.cmsg == QuicUapi.QUIC_STREAM_INFO && m.streamId != NONE;
    return stream == NONE || !named || m.streamId == stream;
  }
}
