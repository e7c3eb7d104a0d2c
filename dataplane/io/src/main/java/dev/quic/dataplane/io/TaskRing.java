package dev.quic.dataplane.io;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of many producers and one consumer, without locks. {@link #offer} from any
 * thread, {@link #poll} from one.
 *
 * <p>A producer first wins a position by moving {@code tail}, then publishes its element into the
 * slot of that position. The consumer stops at the first slot not published yet, so elements leave
 * in the order of their positions; a slot is reused only after {@code head} has passed it.
 */
final class TaskRing<T> {
  private static final VarHandle HEAD;
  private static final VarHandle TAIL;
  private static final VarHandle HEAD_SEEN;
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      HEAD = lookup.findVarHandle(TaskRing.class, "head", long.class);
      TAIL = lookup.findVarHandle(TaskRing.class, "tail", long.class);
      HEAD_SEEN = lookup.findVarHandle(TaskRing.class, "headSeen", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Object[] slots;
  private final int mask;

  @SuppressWarnings("UnusedVariable") // by VarHandle
  private long head;

  @SuppressWarnings("UnusedVariable") // by VarHandle
  private long tail;

  /** A head some producer has seen: spares the others a look at the consumer's cache line. */
  @SuppressWarnings("UnusedVariable") // by VarHandle
  private long headSeen;

  /**
   * @param capacity a power of two
   */
  TaskRing(int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("capacity " + capacity + " is no power of two");
    }
    slots = new Object[capacity];
    mask = capacity - 1;
  }

  /** Adds at the end; false when full. */
  boolean offer(T element) {
    long position;
    do {
      position = (long) TAIL.getVolatile(this);
      if (position - (long) HEAD_SEEN.getOpaque(this) > mask) {
        long now = (long) HEAD.getAcquire(this);
        HEAD_SEEN.setOpaque(this, now);
        if (position - now > mask) {
          return false;
        }
      }
    } while (!TAIL.compareAndSet(this, position, position + 1));
    SLOT.setRelease(slots, (int) position & mask, element);
    return true;
  }

  /** Takes the oldest; null when none is ready. */
  @SuppressWarnings("unchecked") // only offer() writes the slots
  @Nullable T poll() {
    long position = (long) HEAD.getOpaque(this);
    int index = (int) position & mask;
    Object element = SLOT.getAcquire(slots, index);
    if (element == null) {
      return null;
    }
    SLOT.setOpaque(slots, index, null);
    HEAD.setRelease(this, position + 1);
    return (T) element;
  }

  /** Whether nothing was added that has not been taken; exact only on the consumer's thread. */
  boolean isEmpty() {
    return (long) TAIL.getVolatile(this) == (long) HEAD.getOpaque(this);
  }
}
