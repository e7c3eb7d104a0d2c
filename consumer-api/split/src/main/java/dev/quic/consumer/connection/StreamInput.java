package dev.quic.consumer.connection;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Bytes of one stream that came in and were not read. Guarded by the connection's lock. */
final class StreamInput {
  /** What a piece costs beside its bytes, about. */
  private static final int PIECE = 64;

  private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
  private int headOffset;
  private long available;
  private boolean finished;
  private boolean discarding;
  private @Nullable StreamResetException reset;

  /** Takes bytes. */
  void add(byte[] buf, int len, boolean fin) {
    finished |= fin;
    if (discarding || len == 0) {
      return;
    }
    byte[] piece = new byte[len];
    System.arraycopy(buf, 0, piece, 0, len);
    pieces.add(piece);
    available += len;
  }

  void reset(StreamResetException why) {
    reset = why;
    finished = true;
  }

  @Nullable StreamResetException reset() {
    return reset;
  }

  /** Nothing more will come. */
  boolean finished() {
    return finished;
  }

  boolean readable() {
    return available > 0 || finished;
  }

  long available() {
    return available;
  }

  /** Memory that what is kept takes, bytes. */
  long held() {
    return available + (long) pieces.size() * PIECE;
  }

  int read(byte[] out, int off, int len) {
    int done = 0;
    while (done < len && !pieces.isEmpty()) {
      byte[] head = pieces.element();
      int n = Math.min(len - done, head.length - headOffset);
      System.arraycopy(head, headOffset, out, off + done, n);
      done += n;
      headOffset += n;
      if (headOffset == head.length) {
        pieces.remove();
        headOffset = 0;
      }
    }
    available -= done;
    return done;
  }

  /** Nobody will read any more. */
  void discard() {
    discarding = true;
    pieces.clear();
    available = 0;
    headOffset = 0;
  }
}
