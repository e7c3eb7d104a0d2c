package dev.quic.dataplane.daemon.kernel;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.daemon.front.SendFailure;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Streams that took data and have not ended, so that more of it is routine: a sender need not wait
 * for the shard's word; and what such sends failed of until it is told. A stream that is not
 * remembered costs a wait, no more. Guarded by the socket's lock for senders.
 */
final class OpenStreams {
  /** Streams remembered beside the first; those whose slots meet push each other out. */
  static final int SLOTS = 128;

  /** Streams whose failures are kept for their next sends; with more of them all are told. */
  static final int FAILED = 128;

  private static final long NONE = -1;

  private long first = NONE;

  /** By {@link #slot}; made for a second stream, since most sockets use one. */
  private long @Nullable [] others;

  /** Errnos by stream. */
  private final Map<Long, Integer> failed = new HashMap<>(1);

  boolean holds(long stream) {
    return stream >= 0 && (stream == first || others != null && others[slot(stream)] == stream);
  }

  void add(long stream) {
    if (first == NONE && !holds(stream)) {
      first = stream;
    } else if (stream != first) {
      long[] slots = others;
      if (slots == null) {
        slots = new long[SLOTS];
        Arrays.fill(slots, NONE);
        others = slots;
      }
      slots[slot(stream)] = stream;
    }
  }

  void forget(long stream) {
    if (stream == first) {
      first = NONE;
    } else if (holds(stream) && others != null) {
      others[slot(stream)] = NONE;
    }
  }

  /** Streams of one kind are four apart (RFC 9000 section 2.1). */
  private static int slot(long stream) {
    return (int) (stream >>> 2 ^ stream << 5) & SLOTS - 1;
  }

  /**
   * Takes note of failures.
   *
   * @return the errno of one that concerns all streams, whoever sends next; 0 for none
   */
  int fail(@Nullable SendFailure last) {
    int all = 0;
    for (SendFailure f = last; f != null; f = f.earlier()) {
      if (f.stream() == SendFailure.ALL || failed.size() >= FAILED) {
        all = f.errno();
      } else {
        forget(f.stream());
        failed.put(f.stream(), f.errno());
      }
    }
    if (all != 0) {
      first = NONE;
      others = null;
      failed.clear();
    }
    return all;
  }

  /** Takes the errno of an earlier send on the stream that a message names; 0 for none. */
  int takeFailure(Msg m) {
    if (failed.isEmpty() || m.cmsg != QuicUapi.QUIC_STREAM_INFO) {
      return 0;
    }
    Integer errno = failed.remove(m.streamId);
    return errno == null ? 0 : errno;
  }
}
