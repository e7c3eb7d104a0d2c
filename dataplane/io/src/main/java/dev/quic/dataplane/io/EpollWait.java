package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Waits in epoll, with memory of its own for what is found. One thread at a time. */
final class EpollWait {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final MemorySegment state;
  private final MemorySegment events;
  private final MemorySegment timespec;
  private final int most;
  private boolean pwait2 = Libc.hasPwait2();

  /**
   * @param most events taken at once
   */
  EpollWait(Arena arena, int most) {
    this.most = most;
    state = Libc.callState(arena);
    events = arena.allocate((long) most * LinuxAbi.EPOLL_EVENT, 8);
    timespec = arena.allocate(16, 8);
  }

  /**
   * @param timeout nanoseconds; 0 only looks, {@link Long#MAX_VALUE} waits for ever
   * @return how many were found, or a negated errno
   */
  int await(int epfd, long timeout) {
    int n;
    if (timeout > 0 && pwait2) {
      n = Libc.epollPwait2(state, epfd, events, most, timespec(timeout));
      if (n != -LinuxAbi.ENOSYS) {
        return n;
      }
      pwait2 = false; // A new C library on a kernel before 5.11.
    }
    long millis = timeout <= 0 ? 0 : (timeout - 1) / NANOS_PER_MILLI + 1;
    int ms = timeout == Long.MAX_VALUE ? -1 : (int) Math.min(millis, Integer.MAX_VALUE);
    return Libc.epollWait(state, epfd, events, most, ms);
  }

  private MemorySegment timespec(long timeout) {
    if (timeout == Long.MAX_VALUE) {
      return MemorySegment.NULL;
    }
    timespec.set(JAVA_LONG_UNALIGNED, 0, timeout / NANOS_PER_SECOND);
    timespec.set(JAVA_LONG_UNALIGNED, 8, timeout % NANOS_PER_SECOND);
    return timespec;
  }

  /** The mask of one that was found. */
  int mask(int i) {
    return events.get(JAVA_INT_UNALIGNED, (long) i * LinuxAbi.EPOLL_EVENT);
  }

  /** What one that was found was registered with. */
  long data(int i) {
    return events.get(JAVA_LONG_UNALIGNED, (long) i * LinuxAbi.EPOLL_EVENT + LinuxAbi.EPOLL_DATA);
  }
}
