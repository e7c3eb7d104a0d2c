package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * A send that nobody waited for, and that failed.
 *
 * @param stream it was for; {@link #ALL} when all streams are over, or are not told apart
 * @param errno above 0
 * @param earlier another one that nobody has taken
 * @param count how many these are
 */
public record SendFailure(long stream, int errno, @Nullable SendFailure earlier, int count) {
  public static final long ALL = -1;

  /** As many streams are told apart until somebody asks. */
  public static final int MOST = 16;

  static SendFailure of(Msg m, int errno, @Nullable SendFailure earlier) {
    int count = earlier == null ? 1 : earlier.count + 1;
    // EPIPE is the connection's end: all streams share it.
    boolean all = errno == Errno.EPIPE || m.cmsg != QuicUapi.QUIC_STREAM_INFO || count > MOST;
    return all
        ? new SendFailure(ALL, errno, null, 1)
        : new SendFailure(m.streamId, errno, earlier, count);
  }
}
