package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The system calls the Linux port needs. Each answers like the kernel: 0 or more, or a negated
 * errno. {@code state} is a segment from {@link #callState}, owned by the calling thread.
 *
 * <p>Those of every turn are made without {@code state} and with plain addresses first: to have
 * errno kept costs the JVM an object a call wherever a compiler has not seen through it, which it
 * may never do. Only a call that failed is made again to be told why. None of them loses anything
 * by that: what the second finds is as good as what the first would have found.
 */
final class Libc {
  private Libc() {}

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LOOKUP = LINKER.defaultLookup();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO =
      STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
  private static final AddressLayout PTR = ADDRESS;
  private static final ValueLayout.OfLong SIZE = JAVA_LONG;

  private static final MethodHandle SOCKET = find("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = find("bind", JAVA_INT, JAVA_INT, PTR, JAVA_INT);
  private static final MethodHandle CONNECT = find("connect", JAVA_INT, JAVA_INT, PTR, JAVA_INT);
  private static final MethodHandle GETSOCKNAME = find("getsockname", JAVA_INT, JAVA_INT, PTR, PTR);
  private static final MethodHandle SETSOCKOPT =
      find("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, PTR, JAVA_INT);
  private static final MethodHandle GETSOCKOPT =
      find("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, PTR, PTR);
  private static final MethodHandle RECVMSG = find("recvmsg", SIZE, JAVA_INT, PTR, JAVA_INT);
  private static final MethodHandle SENDMSG = find("sendmsg", SIZE, JAVA_INT, PTR, JAVA_INT);
  private static final MethodHandle CLOSE = find("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle EPOLL_CREATE = find("epoll_create1", JAVA_INT, JAVA_INT);
  private static final MethodHandle EPOLL_CTL =
      find("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, PTR);
  private static final MethodHandle EPOLL_WAIT =
      find("epoll_wait", JAVA_INT, JAVA_INT, PTR, JAVA_INT, JAVA_INT);

  /** Nanosecond timeouts; glibc 2.35 and later. */
  private static final @Nullable MethodHandle EPOLL_PWAIT2 =
      findOptional("epoll_pwait2", JAVA_INT, JAVA_INT, PTR, JAVA_INT, PTR, PTR);

  private static final MethodHandle EVENTFD = find("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle READ = find("read", SIZE, JAVA_INT, PTR, SIZE);

  // Without errno: -1 is all that is told of a failure. Addresses are longs.
  private static final MethodHandle PLAIN_RECVMSG =
      plain("recvmsg", SIZE, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle PLAIN_SENDMSG =
      plain("sendmsg", SIZE, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle PLAIN_EPOLL_WAIT =
      plain("epoll_wait", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final @Nullable MethodHandle PLAIN_EPOLL_PWAIT2 =
      hasPwait2()
          ? plain("epoll_pwait2", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG)
          : null;
  private static final MethodHandle PLAIN_READ =
      plain("read", SIZE, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PLAIN_WRITE =
      plain("write", SIZE, JAVA_INT, JAVA_LONG, JAVA_LONG);

  /** A {@code struct timespec} of no time at all. */
  private static final MemorySegment AT_ONCE = Arena.global().allocate(16, 8);

  /** True when every mandatory function was found; loading this class fails otherwise. */
  static boolean usable() {
    return ERRNO >= 0;
  }

  static boolean hasPwait2() {
    return EPOLL_PWAIT2 != null;
  }

  /** Memory for the errno of calls made by one thread. */
  static MemorySegment callState(Arena arena) {
    return arena.allocate(STATE);
  }

  private static MethodHandle find(String name, ValueLayout result, MemoryLayout... args) {
    MethodHandle h = findOptional(name, result, args);
    if (h == null) {
      throw new UnsatisfiedLinkError(name);
    }
    return h;
  }

  private static @Nullable MethodHandle findOptional(
      String name, ValueLayout result, MemoryLayout... args) {
    Optional<MemorySegment> symbol = LOOKUP.find(name);
    return symbol.isEmpty()
        ? null
        : LINKER.downcallHandle(
            symbol.get(),
            FunctionDescriptor.of(result, args),
            Linker.Option.captureCallState("errno"));
  }

  private static MethodHandle plain(String name, ValueLayout result, MemoryLayout... args) {
    MemorySegment symbol = LOOKUP.find(name).orElseThrow(() -> new UnsatisfiedLinkError(name));
    return LINKER.downcallHandle(symbol, FunctionDescriptor.of(result, args));
  }

  private static int result(MemorySegment state, int r) {
    return r >= 0 ? r : -state.get(JAVA_INT, ERRNO);
  }

  private static long result(MemorySegment state, long r) {
    return r >= 0 ? r : -state.get(JAVA_INT, ERRNO);
  }

  private static AssertionError unexpected(Throwable t) {
    return new AssertionError("a system call threw", t);
  }

  static int socket(MemorySegment state, int family, int type, int protocol) {
    try {
      return result(state, (int) SOCKET.invokeExact(state, family, type, protocol));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int bind(MemorySegment state, int fd, MemorySegment addr, int len) {
    try {
      return result(state, (int) BIND.invokeExact(state, fd, addr, len));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int connect(MemorySegment state, int fd, MemorySegment addr, int len) {
    try {
      return result(state, (int) CONNECT.invokeExact(state, fd, addr, len));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int getsockname(MemorySegment state, int fd, MemorySegment addr, MemorySegment len) {
    try {
      return result(state, (int) GETSOCKNAME.invokeExact(state, fd, addr, len));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int setsockopt(
      MemorySegment state, int fd, int level, int name, MemorySegment value, int len) {
    try {
      return result(state, (int) SETSOCKOPT.invokeExact(state, fd, level, name, value, len));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int getsockopt(
      MemorySegment state, int fd, int level, int name, MemorySegment value, MemorySegment len) {
    try {
      return result(state, (int) GETSOCKOPT.invokeExact(state, fd, level, name, value, len));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long recvmsg(MemorySegment state, int fd, MemorySegment msg, int flags) {
    try {
      long r = (long) PLAIN_RECVMSG.invokeExact(fd, msg.address(), flags);
      return r >= 0 ? r : result(state, (long) RECVMSG.invokeExact(state, fd, msg, flags));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long sendmsg(MemorySegment state, int fd, MemorySegment msg, int flags) {
    try {
      long r = (long) PLAIN_SENDMSG.invokeExact(fd, msg.address(), flags);
      return r >= 0 ? r : result(state, (long) SENDMSG.invokeExact(state, fd, msg, flags));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int close(MemorySegment state, int fd) {
    try {
      return result(state, (int) CLOSE.invokeExact(state, fd));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int epollCreate(MemorySegment state, int flags) {
    try {
      return result(state, (int) EPOLL_CREATE.invokeExact(state, flags));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int epollCtl(MemorySegment state, int epfd, int op, int fd, MemorySegment event) {
    try {
      return result(state, (int) EPOLL_CTL.invokeExact(state, epfd, op, fd, event));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** A wait that a signal ends has found what is there by then, perhaps nothing. */
  static int epollWait(MemorySegment state, int epfd, MemorySegment events, int max, int millis) {
    try {
      int r = (int) PLAIN_EPOLL_WAIT.invokeExact(epfd, events.address(), max, millis);
      return r >= 0 ? r : result(state, (int) EPOLL_WAIT.invokeExact(state, epfd, events, max, 0));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * A wait that a signal ends has found what is there by then, perhaps nothing.
   *
   * @param timespec {@link MemorySegment#NULL} waits for ever
   */
  static int epollPwait2(
      MemorySegment state, int epfd, MemorySegment events, int max, MemorySegment timespec) {
    MethodHandle first = PLAIN_EPOLL_PWAIT2;
    MethodHandle call = EPOLL_PWAIT2;
    if (first == null || call == null) {
      return -LinuxAbi.ENOSYS;
    }
    try {
      long set = events.address();
      int r = (int) first.invokeExact(epfd, set, max, timespec.address(), 0L);
      return r >= 0
          ? r
          : result(
              state, (int) call.invokeExact(state, epfd, events, max, AT_ONCE, MemorySegment.NULL));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int eventfd(MemorySegment state, int initial, int flags) {
    try {
      return result(state, (int) EVENTFD.invokeExact(state, initial, flags));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long read(MemorySegment state, int fd, MemorySegment buf, long len) {
    try {
      long r = (long) PLAIN_READ.invokeExact(fd, buf.address(), len);
      return r >= 0 ? r : result(state, (long) READ.invokeExact(state, fd, buf, len));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** From any thread; the outcome does not matter. */
  static boolean writeAny(int fd, MemorySegment buf, long len) {
    try {
      return (long) PLAIN_WRITE.invokeExact(fd, buf.address(), len) == len;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
