package dev.quic.dataplane.daemon.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Streams that took data and have not ended, so that more of it is routine: a sender need not wait
 * for the shard's word. A stream that is not remembered costs a wait, no more. Guarded by the
 * socket's lock for senders.
 */
final class OpenStreams {
  /** Streams remembered beside the first; those whose slots meet push each other out. */
  static final int SLOTS = 128;

  private static final long NONE = -1;

  private long first = NONE;

  /** By {@link #slot}; made for a second stream, since most sockets use one. */
  private long @Nullable [] others;

  boolean holds(long stream) {
    return stream == first || others != null && others[slot(stream)] == stream;
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
}
