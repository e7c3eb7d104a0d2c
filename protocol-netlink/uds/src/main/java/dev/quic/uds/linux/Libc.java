package dev.quic.uds.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library's calls that AF_UNIX needs, each answering its result or a negated errno. Any
 * thread.
 */
public final class Libc {
  public static final int AF_UNIX = 1;
  public static final int SOCK_SEQPACKET = 5;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_CLOEXEC = 0x80000;
  public static final int SOCK_NONBLOCK = 0x800;
  public static final int SOL_SOCKET = 1;
  public static final int SO_SNDBUF = 7;
  public static final int SO_RCVBUF = 8;
  public static final int SO_PEERCRED = 17;
  public static final int SO_SNDTIMEO = 21;
  public static final int SCM_RIGHTS = 1;
  public static final int MSG_DONTWAIT = 0x40;
  public static final int MSG_NOSIGNAL = 0x4000;
  public static final int MSG_CMSG_CLOEXEC = 0x40000000;
  public static final int MSG_TRUNC = 0x20;
  public static final int POLLIN = 1;
  public static final int POLLOUT = 4;
  public static final int POLLHUP = 16;
  public static final int POLLRDHUP = 0x2000;
  public static final int EPOLL_CTL_ADD = 1;
  public static final int EPOLL_CTL_DEL = 2;
  public static final int EPOLL_CTL_MOD = 3;
  public static final int SHUT_RDWR = 2;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle SOCKET = handle("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SOCKETPAIR =
      handle("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle BIND = handle("bind", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CONNECT = handle("connect", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle LISTEN = handle("listen", JAVA_INT, JAVA_INT);
  private static final MethodHandle ACCEPT4 =
      handle("accept4", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle SENDMSG = longHandle("sendmsg", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECVMSG = longHandle("recvmsg", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETSOCKOPT =
      handle("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SETSOCKOPT =
      handle("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SHUTDOWN = handle("shutdown", JAVA_INT, JAVA_INT);
  private static final MethodHandle STATX =
      handle("statx", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle CLOSE = handle("close", JAVA_INT);
  private static final MethodHandle POLL = handle("poll", ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle EPOLL_CREATE1 = handle("epoll_create1", JAVA_INT);
  private static final MethodHandle EPOLL_CTL =
      handle("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle EPOLL_WAIT =
      handle("epoll_wait", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle EVENTFD = handle("eventfd", JAVA_INT, JAVA_INT);
  private static final MethodHandle READ = longHandle("read", JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE = longHandle("write", JAVA_INT, ADDRESS, JAVA_LONG);

  // struct statx, the same on every architecture.
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_TYPE_INO = 0x101;
  private static final int STX_MODE = 28;
  private static final int STX_INO = 32;
  private static final int S_IFMT = 0xf000;
  private static final int S_IFSOCK = 0xc000;

  private static final MemorySegment EMPTY = Arena.global().allocateFrom("");

  private Libc() {}

  private static MethodHandle handle(String name, MemoryLayout... args) {
    return link(name, FunctionDescriptor.of(JAVA_INT, args));
  }

  private static MethodHandle longHandle(String name, MemoryLayout... args) {
    return link(name, FunctionDescriptor.of(JAVA_LONG, args));
  }

  private static MethodHandle link(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

  /** Where a call's errno is captured; {@link Scratch} has one. */
  static StructLayout stateLayout() {
    return STATE;
  }

  private static int answer(long result, MemorySegment state) {
    return result >= 0 ? (int) result : -(int) ERRNO.get(state, 0L);
  }

  private static IllegalStateException broken(Throwable t) {
    return new IllegalStateException("native call failed", t);
  }

  static int socket(MemorySegment st, int domain, int type) {
    try {
      return answer((int) SOCKET.invokeExact(st, domain, type, 0), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int socketpair(MemorySegment st, int type, MemorySegment two) {
    try {
      return answer((int) SOCKETPAIR.invokeExact(st, AF_UNIX, type, 0, two), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  /**
   * Inode of a socket, -1 for another kind of descriptor.
   *
   * @param statx room for {@code struct statx}, 256 bytes
   */
  static long socketInode(MemorySegment st, int fd, MemorySegment statx) {
    try {
      int result =
          answer((int) STATX.invokeExact(st, fd, EMPTY, AT_EMPTY_PATH, STATX_TYPE_INO, statx), st);
      boolean socket = result == 0 && (statx.get(JAVA_SHORT, STX_MODE) & S_IFMT) == S_IFSOCK;
      return socket ? statx.get(JAVA_LONG, STX_INO) : -1;
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int bind(MemorySegment st, int fd, MemorySegment addr, int len) {
    try {
      return answer((int) BIND.invokeExact(st, fd, addr, len), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int connect(MemorySegment st, int fd, MemorySegment addr, int len) {
    try {
      return answer((int) CONNECT.invokeExact(st, fd, addr, len), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int listen(MemorySegment st, int fd, int backlog) {
    try {
      return answer((int) LISTEN.invokeExact(st, fd, backlog), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int accept(MemorySegment st, int fd) {
    try {
      int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
      return answer(
          (int) ACCEPT4.invokeExact(st, fd, MemorySegment.NULL, MemorySegment.NULL, flags), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int sendmsg(MemorySegment st, int fd, MemorySegment msg, int flags) {
    try {
      return answer((long) SENDMSG.invokeExact(st, fd, msg, flags), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int recvmsg(MemorySegment st, int fd, MemorySegment msg, int flags) {
    try {
      return answer((long) RECVMSG.invokeExact(st, fd, msg, flags), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int getsockopt(MemorySegment st, int fd, int name, MemorySegment val, MemorySegment len) {
    try {
      return answer((int) GETSOCKOPT.invokeExact(st, fd, SOL_SOCKET, name, val, len), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int setsockopt(MemorySegment st, int fd, int name, MemorySegment val, int len) {
    try {
      return answer((int) SETSOCKOPT.invokeExact(st, fd, SOL_SOCKET, name, val, len), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int shutdown(MemorySegment st, int fd) {
    try {
      return answer((int) SHUTDOWN.invokeExact(st, fd, SHUT_RDWR), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int close(MemorySegment st, int fd) {
    try {
      return answer((int) CLOSE.invokeExact(st, fd), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int poll(MemorySegment st, MemorySegment pollfds, int count, int timeoutMs) {
    try {
      return answer((int) POLL.invokeExact(st, pollfds, (long) count, timeoutMs), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int epollCreate(MemorySegment st) {
    try {
      return answer((int) EPOLL_CREATE1.invokeExact(st, SOCK_CLOEXEC), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int epollCtl(MemorySegment st, int ep, int op, int fd, MemorySegment event) {
    try {
      return answer((int) EPOLL_CTL.invokeExact(st, ep, op, fd, event), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int epollWait(MemorySegment st, int ep, MemorySegment events, int max, int timeoutMs) {
    try {
      return answer((int) EPOLL_WAIT.invokeExact(st, ep, events, max, timeoutMs), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int eventfd(MemorySegment st) {
    try {
      return answer((int) EVENTFD.invokeExact(st, 0, SOCK_CLOEXEC | SOCK_NONBLOCK), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int read(MemorySegment st, int fd, MemorySegment buf, long len) {
    try {
      return answer((long) READ.invokeExact(st, fd, buf, len), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }

  static int write(MemorySegment st, int fd, MemorySegment buf, long len) {
    try {
      return answer((long) WRITE.invokeExact(st, fd, buf, len), st);
    } catch (Throwable t) {
      throw broken(t);
    }
  }
}
