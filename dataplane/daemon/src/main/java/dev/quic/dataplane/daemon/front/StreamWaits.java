package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages whose stream has no credit, put aside so that those of other streams can pass. Order
 * within a stream is kept. Bounded in bytes and messages; a full one leaves a message where it was,
 * and what is behind it waits as well. Shard thread.
 */
final class StreamWaits {
  /** Bytes of one channel put aside. */
  static final int BYTES = 262_144;

  /** Messages of one channel put aside. */
  static final int MESSAGES = 256;

  /** A message, or what is left of one. */
  static final class Held {
    final long stream;
    final int kind;
    final int seq;
    final byte[] bytes;
    private final int flags;
    private final int streamFlags;
    int off;

    /** Bytes of it the socket took before it was put aside. */
    final int before;

    Held(Msg m, MsgQueue from) {
      stream = m.streamId;
      flags = m.flags;
      streamFlags = m.streamFlags;
      kind = from.kind();
      seq = from.seq();
      before = from.taken();
      bytes = Arrays.copyOfRange(from.buffer(), from.offset(), from.offset() + from.length());
    }

    boolean begun() {
      return before + off > 0;
    }

    Msg header(Msg into) {
      into.reset();
      into.cmsg = QuicUapi.QUIC_STREAM_INFO;
      into.streamId = stream;
      into.flags = flags;
      into.streamFlags = streamFlags;
      return into;
    }
  }

  private final ArrayDeque<Held> held = new ArrayDeque<>(1);
  private final List<Long> refused = new ArrayList<>();
  private int bytes;

  boolean isEmpty() {
    return held.isEmpty();
  }

  /** Bytes put aside. */
  long bytes() {
    return bytes;
  }

  /** Whether messages of this stream wait here, so that later ones must not pass them. */
  boolean holds(long stream) {
    if (held.isEmpty()) {
      return false;
    }
    for (Held h : held) {
      if (h.stream == stream) {
        return true;
      }
    }
    return false;
  }

  /** Whether a message names its stream, so that it can be told from others. */
  static boolean names(Msg m) {
    return m.cmsg == QuicUapi.QUIC_STREAM_INFO
        && m.streamId >= 0
        && (m.flags & QuicUapi.MSG_QUIC_DATAGRAM) == 0;
  }

  /** Whether it is the stream that is refused and not the whole connection. */
  static boolean streamOnly(Sock sock) {
    return (sock.poll() & Sock.POLL_OUT) != 0;
  }

  /** Puts the queue's current message aside; false when there is no room for it. */
  boolean add(Msg m, MsgQueue from) {
    if (held.size() >= MESSAGES || bytes + from.length() > BYTES) {
      return false;
    }
    Held h = new Held(m, from);
    held.add(h);
    bytes += h.bytes.length;
    return true;
  }

  /** Starts a round over what waits. */
  void start() {
    refused.clear();
  }

  /** The next message of a stream not refused in this round; null at the end. */
  @Nullable Held next() {
    // Asked in every turn of a shard, with nothing put aside nearly always: no iterator for that.
    if (held.isEmpty()) {
      return null;
    }
    for (Held h : held) {
      if (!refused.contains(h.stream)) {
        return h;
      }
    }
    return null;
  }

  /** The stream of this one still has no credit. */
  void refused(Held h) {
    refused.add(h.stream);
  }

  /** It was sent, or has failed. */
  void done(Held h) {
    Iterator<Held> i = held.iterator();
    while (i.hasNext()) {
      if (i.next() == h) {
        i.remove();
        bytes -= h.bytes.length;
        return;
      }
    }
  }
}
