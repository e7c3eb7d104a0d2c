package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.socket.QuicSock;
import org.jspecify.annotations.Nullable;

/** Sockets ordered by deadline: a binary heap that knows each socket's place in it. */
final class DeadlineHeap {
  private @Nullable QuicSock[] heap = new QuicSock[64];
  private int size;

  /** The socket due first; null when none has a deadline. */
  @Nullable QuicSock first() {
    return size == 0 ? null : heap[0];
  }

  /** Sets a socket's deadline; {@link Long#MAX_VALUE} takes it out. */
  void set(QuicSock s, long at) {
    if (at == Long.MAX_VALUE) {
      remove(s);
      return;
    }
    int i = s.heapIndex();
    if (i < 0) {
      if (size == heap.length) {
        heap = java.util.Arrays.copyOf(heap, 2 * size);
      }
      s.heapDeadline(at);
      up(size++, s);
    } else if (at < s.heapDeadline()) {
      s.heapDeadline(at);
      up(i, s);
    } else if (at > s.heapDeadline()) {
      s.heapDeadline(at);
      down(i, s);
    }
  }

  void remove(QuicSock s) {
    int i = s.heapIndex();
    if (i < 0) {
      return;
    }
    s.heapIndex(-1);
    QuicSock last = heap[--size];
    heap[size] = null;
    if (last == null || last == s) {
      return;
    }
    last.heapIndex(-1);
    down(i, last);
    if (last.heapIndex() == i) {
      up(i, last);
    }
  }

  private static boolean before(QuicSock a, QuicSock b) {
    // The cookie makes the order of equal deadlines the same in every run.
    return a.heapDeadline() != b.heapDeadline()
        ? a.heapDeadline() < b.heapDeadline()
        : a.cookie() < b.cookie();
  }

  private void place(int i, QuicSock s) {
    heap[i] = s;
    s.heapIndex(i);
  }

  private void up(int from, QuicSock s) {
    int i = from;
    while (i > 0) {
      QuicSock parent = heap[(i - 1) / 2];
      if (parent == null || !before(s, parent)) {
        break;
      }
      place(i, parent);
      i = (i - 1) / 2;
    }
    place(i, s);
  }

  private void down(int from, QuicSock s) {
    int i = from;
    while (2 * i + 1 < size) {
      int child = 2 * i + 1;
      QuicSock a = heap[child];
      QuicSock b = child + 1 < size ? heap[child + 1] : null;
      if (a != null && b != null && before(b, a)) {
        child++;
        a = b;
      }
      if (a == null || !before(a, s)) {
        break;
      }
      place(i, a);
      i = child;
    }
    place(i, s);
  }
}
