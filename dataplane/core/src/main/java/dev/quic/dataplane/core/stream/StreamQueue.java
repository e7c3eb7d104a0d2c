package dev.quic.dataplane.core.stream;

import org.jspecify.annotations.Nullable;

/** A first-in first-out queue of streams, linked through the streams; each is in it once. */
public final class StreamQueue {
  /** Streams with STREAM frames to send. */
  public static final int SEND = 0;

  /** Streams with control frames to send. */
  public static final int CONTROL = 1;

  /** Streams the program can read from. */
  public static final int READ = 2;

  static final int KINDS = 3;

  private final int kind;
  private @Nullable Stream head;
  private @Nullable Stream tail;
  private int size;

  /**
   * @param kind which of a stream's queue places this queue uses
   */
  public StreamQueue(int kind) {
    this.kind = kind;
  }

  public @Nullable Stream head() {
    return head;
  }

  public boolean isEmpty() {
    return head == null;
  }

  public int size() {
    return size;
  }

  /** Appends unless it is in already. */
  public void add(Stream s) {
    if (s.queued[kind]) {
      return;
    }
    s.queued[kind] = true;
    s.nextInQueue[kind] = null;
    if (tail == null) {
      head = s;
    } else {
      tail.nextInQueue[kind] = s;
    }
    tail = s;
    size++;
  }

  public @Nullable Stream poll() {
    Stream s = head;
    if (s != null) {
      head = s.nextInQueue[kind];
      if (head == null) {
        tail = null;
      }
      s.nextInQueue[kind] = null;
      s.queued[kind] = false;
      size--;
    }
    return s;
  }

  /** Sends the head to the back. */
  public void rotate() {
    if (head != tail) {
      Stream s = poll();
      if (s != null) {
        add(s);
      }
    }
  }

  /** The stream after {@code s} in this queue. */
  public @Nullable Stream next(Stream s) {
    return s.nextInQueue[kind];
  }

  /** Takes one stream out, wherever it is. */
  public void remove(Stream s) {
    if (!s.queued[kind]) {
      return;
    }
    Stream before = null;
    for (Stream t = head; t != null; t = t.nextInQueue[kind]) {
      if (t == s) {
        unlink(before, s);
        return;
      }
      before = t;
    }
  }

  private void unlink(@Nullable Stream before, Stream s) {
    if (before == null) {
      head = s.nextInQueue[kind];
    } else {
      before.nextInQueue[kind] = s.nextInQueue[kind];
    }
    if (tail == s) {
      tail = before;
    }
    s.nextInQueue[kind] = null;
    s.queued[kind] = false;
    size--;
  }

  public void clear() {
    while (poll() != null) {
      // each poll unlinks one
    }
  }
}
