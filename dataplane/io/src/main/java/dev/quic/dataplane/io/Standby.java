package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread wait in the poller and the shard's beside it: on an epoll instance that watches
 * the poller's own. While a leader waits it is told of nothing, so that what arrives wakes one
 * thread and not two.
 */
final class Standby implements AutoCloseable {
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment state = Libc.callState(arena);
  private final MemorySegment event = arena.allocate(16, 8);
  private final EpollWait wait = new EpollWait(arena, 1);
  private final LinuxPoller poller;
  private final int inner;
  private final int epfd;

  private Standby(LinuxPoller poller, int inner) {
    this.poller = poller;
    this.inner = inner;
    epfd = Libc.epollCreate(state, LinuxAbi.EPOLL_CLOEXEC);
  }

  /**
   * @param inner the poller's epoll instance
   * @return null when the process has no descriptor left for it
   */
  static @Nullable Standby open(LinuxPoller poller, int inner) {
    Standby s = new Standby(poller, inner);
    if (s.epfd >= 0 && s.control(LinuxAbi.EPOLL_CTL_ADD, FdHandler.IN) >= 0) {
      return s;
    }
    s.close();
    return null;
  }

  private int control(int op, int mask) {
    event.set(JAVA_INT_UNALIGNED, 0, mask);
    event.set(JAVA_LONG_UNALIGNED, LinuxAbi.EPOLL_DATA, 0);
    return Libc.epollCtl(state, epfd, op, inner, event);
  }

  /**
   * Waits until the poller has something and {@link #watch} lets it be told. The shard's thread.
   *
   * @param timeout nanoseconds; {@link Long#MAX_VALUE} waits for ever
   */
  void await(long timeout) {
    wait.await(epfd, timeout);
  }

  /**
   * The first half of {@link Poller#poll}: waits. Without the baton, in one thread at a time.
   *
   * @param timeout as there
   * @return for {@link #take}
   */
  int lead(long timeout) {
    return poller.await(timeout);
  }

  /** The second half, by who holds the baton: tells what {@link #lead} found. */
  int take(int found, Poller.Ready ready) {
    return poller.take(found, ready);
  }

  /** Whether to be told of what the poller has. Whoever holds the baton. */
  void watch(boolean on) {
    control(LinuxAbi.EPOLL_CTL_MOD, on ? FdHandler.IN : 0);
  }

  @Override
  public void close() {
    if (epfd >= 0) {
      Libc.close(state, epfd);
    }
  }
}
