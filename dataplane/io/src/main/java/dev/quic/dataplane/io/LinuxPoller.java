package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** epoll, with an eventfd for wake-ups. Level-triggered: what is left is told again. */
final class LinuxPoller implements Poller {
  /** Upper half of the epoll data: what the lower half numbers. */
  private static final long KIND_UDP = 1L << 62;

  private static final long KIND_WAKEUP = 1L << 61;

  /** What a wake-up writes: read by any thread, never changed. */
  private static final MemorySegment ONE = one();

  private record Watch(int fd, long token, FdHandler handler) {}

  private final LinuxIo io = new LinuxIo();
  private final BufferNotice notice;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment event = arena.allocate(16, 8);
  private final MemorySegment counter = arena.allocate(8, 8);
  private final EpollWait wait = new EpollWait(arena, IoLimits.EVENTS_PER_POLL);
  private final int epfd;
  private final int eventfd;
  private @Nullable Standby standby;

  /** Foreign descriptors by number; the token tells a reused number from its predecessor. */
  private final Map<Integer, Watch> watches = new HashMap<>();

  private int generation;

  /** Spares further writes once a wake-up is under way; also guards the descriptor's life. */
  private final AtomicBoolean woken = new AtomicBoolean();

  private final Object wakeLock = new Object();
  private boolean closed;

  LinuxPoller(BufferNotice notice) {
    this.notice = notice;
    epfd = must("epoll_create1", Libc.epollCreate(io.state, LinuxAbi.EPOLL_CLOEXEC));
    eventfd =
        must("eventfd", Libc.eventfd(io.state, 0, LinuxAbi.EFD_CLOEXEC | LinuxAbi.EFD_NONBLOCK));
    must("epoll_ctl", control(LinuxAbi.EPOLL_CTL_ADD, eventfd, FdHandler.IN, KIND_WAKEUP));
  }

  private static MemorySegment one() {
    MemorySegment s = Arena.global().allocate(8, 8);
    s.set(JAVA_LONG_UNALIGNED, 0, 1);
    return s.asReadOnly();
  }

  private static int must(String call, int result) {
    if (result < 0) {
      throw new IllegalStateException(call + ": " + Errno.name(result));
    }
    return result;
  }

  private int control(int op, int fd, int mask, long data) {
    event.set(JAVA_INT_UNALIGNED, 0, mask);
    event.set(JAVA_LONG_UNALIGNED, LinuxAbi.EPOLL_DATA, data);
    return Libc.epollCtl(io.state, epfd, op, fd, event);
  }

  @Override
  public UdpPort bind(SockAddr local, boolean reusePort, boolean v6only, int handle)
      throws BindException {
    LinuxUdpPort port = LinuxUdpPort.bind(io, local, reusePort, v6only, notice);
    int rc = control(LinuxAbi.EPOLL_CTL_ADD, port.fd(), FdHandler.IN, KIND_UDP | handle);
    if (rc < 0) {
      port.close();
      throw new BindException(-rc);
    }
    return port;
  }

  @Override
  public int routeMtu(SockAddr local, SockAddr remote) {
    return LinuxRoutes.mtu(io, local, remote);
  }

  @Override
  public void watchWrites(UdpPort port, int handle, boolean on) {
    if (port instanceof LinuxUdpPort linux) {
      int mask = FdHandler.IN | (on ? FdHandler.OUT : 0);
      control(LinuxAbi.EPOLL_CTL_MOD, linux.fd(), mask, KIND_UDP | handle);
    }
  }

  @Override
  public int poll(long timeout, Ready ready) {
    return take(await(timeout), ready);
  }

  /** As {@link Standby#lead}. */
  int await(long timeout) {
    return wait.await(epfd, timeout);
  }

  /** As {@link Standby#take}. */
  int take(int found, Ready ready) {
    int told = 0;
    for (int i = 0; i < found; i++) {
      int mask = wait.mask(i);
      long data = wait.data(i);
      if (data == KIND_WAKEUP) {
        Libc.read(io.state, eventfd, counter, 8);
        woken.set(false);
      } else if ((data & KIND_UDP) != 0) {
        ready.udp((int) data, mask);
        told++;
      } else {
        tell(data, mask, ready);
        told++;
      }
    }
    return told;
  }

  private void tell(long token, int mask, Ready ready) {
    Watch watch = watches.get((int) token);
    if (watch != null && watch.token == token) {
      ready.fd(watch.handler, mask);
    }
  }

  @Override
  public @Nullable Standby standby() {
    if (standby == null) {
      standby = Standby.open(this, epfd);
    }
    return standby;
  }

  @Override
  public void wakeup() {
    if (!woken.compareAndSet(false, true)) {
      return;
    }
    synchronized (wakeLock) {
      if (!closed) {
        Libc.writeAny(eventfd, ONE, 8);
      }
    }
  }

  @Override
  public int watchFd(int fd, int mask, FdHandler handler) {
    @Nullable Watch old = watches.get(fd);
    if (old != null) {
      return -Errno.EEXIST;
    }
    generation = generation + 1 & 0x0fff_ffff;
    long token = (long) generation << 32 | fd;
    int rc = control(LinuxAbi.EPOLL_CTL_ADD, fd, mask, token);
    if (rc >= 0) {
      watches.put(fd, new Watch(fd, token, handler));
    }
    return rc;
  }

  @Override
  public int changeFd(int fd, int mask) {
    Watch watch = watches.get(fd);
    if (watch == null) {
      return -Errno.ENOENT;
    }
    if (mask == 0) {
      watches.remove(fd);
      return control(LinuxAbi.EPOLL_CTL_DEL, fd, 0, 0);
    }
    return control(LinuxAbi.EPOLL_CTL_MOD, fd, mask, watch.token);
  }

  @Override
  public void close() {
    synchronized (wakeLock) {
      closed = true;
      Libc.close(io.state, eventfd);
    }
    if (standby != null) {
      standby.close();
    }
    Libc.close(io.state, epfd);
  }
}
