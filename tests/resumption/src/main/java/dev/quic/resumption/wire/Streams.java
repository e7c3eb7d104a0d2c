package dev.quic.resumption.wire;

import dev.quic.dataplane.core.frame.Frame;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The streams of one connection, received whole. */
final class Streams {
  /** Bytes kept of a stream: what we allow a peer to send on it. */
  static final int MAX_STREAM = 1 << 20;

  /** Streams of a peer, of each kind. */
  static final int MAX_STREAMS = 100;

  private static final class In {
    final Reassembly bytes = new Reassembly(MAX_STREAM);
    boolean early;
    boolean answered;
    boolean reset;
  }

  private final Map<Long, In> streams = new LinkedHashMap<>();
  private final boolean server;
  private long nextBidi;
  private long nextUni;

  Streams(boolean server) {
    this.server = server;
    nextBidi = server ? 1 : 0;
    nextUni = server ? 3 : 2;
  }

  long open(boolean uni) {
    long id = uni ? nextUni : nextBidi;
    if (uni) {
      nextUni += 4;
    } else {
      nextBidi += 4;
    }
    return id;
  }

  /**
   * @param early whether the frame came in 0-RTT
   * @return false for what we did not allow
   */
  boolean data(Frame f, byte[] packet, boolean early) {
    In in = stream(f.id);
    if (in == null) {
      return false;
    }
    in.early |= early;
    if (f.fin) {
      in.bytes.end(f.offset + f.dataLen);
    }
    return in.bytes.add(f.offset, packet, f.dataOff, f.dataLen);
  }

  boolean reset(long id) {
    In in = stream(id);
    if (in == null) {
      return false;
    }
    in.reset = true;
    return true;
  }

  private @Nullable In stream(long id) {
    // Two ids for each number and initiator.
    return id >= 4L * MAX_STREAMS ? null : streams.computeIfAbsent(id, i -> new In());
  }

  byte[] received(long id) {
    In in = streams.get(id);
    return in == null ? new byte[0] : in.bytes.soFar();
  }

  /** All of it came, or it was reset. */
  boolean whole(long id) {
    In in = streams.get(id);
    return in != null && (in.reset || in.bytes.whole());
  }

  /** Answers to requests of the peer's that are whole and not answered yet, by stream. */
  Map<Long, byte[]> answers(Function<Request, byte[]> responder) {
    Map<Long, byte[]> answers = new LinkedHashMap<>();
    streams.forEach((id, in) -> {
      boolean bidiOfPeer = (id & 3) == (server ? 0 : 1);
      if (bidiOfPeer && !in.answered && in.bytes.whole()) {
        in.answered = true;
        answers.put(id, responder.apply(new Request(id, in.bytes.soFar(), in.early)));
      }
    });
    return answers;
  }
}
