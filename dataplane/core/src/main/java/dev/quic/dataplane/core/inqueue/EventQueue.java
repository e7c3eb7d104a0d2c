package dev.quic.dataplane.core.inqueue;

import dev.quic.dataplane.core.common.Limits;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Events for the program, each a type byte and the kernel's struct (little-endian). */
public final class EventQueue {
  private final ArrayDeque<byte[]> queue = new ArrayDeque<>(1);
  private int enabled;
  private int headRead;

  /**
   * @param type {@code QUIC_EVENT_*}, 1 to 9
   */
  public void enable(int type, boolean on) {
    enabled = on ? enabled | 1 << type : enabled & ~(1 << type);
  }

  public boolean enabled(int type) {
    return (enabled >> type & 1) != 0;
  }

  /** The switches as one word, for a socket that inherits them. */
  public int mask() {
    return enabled;
  }

  public void mask(int bits) {
    enabled = bits;
  }

  /** Queues an event; false when it is switched off or the queue is full. */
  public boolean add(byte[] event) {
    if (!enabled(event[0]) || queue.size() >= Limits.EVENTS) {
      return false;
    }
    queue.add(event);
    return true;
  }

  public boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Bytes of the oldest event not read yet. */
  public int headRemaining() {
    byte[] head = queue.peek();
    return head == null ? 0 : head.length - headRead;
  }

  /** Copies from the oldest event; returns the number of bytes. */
  public int read(byte[] dst, int off, int len, boolean consume) {
    byte @Nullable [] head = queue.peek();
    if (head == null) {
      return 0;
    }
    int n = Math.min(len, head.length - headRead);
    System.arraycopy(head, headRead, dst, off, n);
    if (consume) {
      headRead += n;
      if (headRead == head.length) {
        queue.poll();
        headRead = 0;
      }
    }
    return n;
  }
}
