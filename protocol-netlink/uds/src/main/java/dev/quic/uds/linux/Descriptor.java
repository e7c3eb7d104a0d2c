package dev.quic.uds.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quic.uapi.Errno;
import dev.quic.uds.PeerCredentials;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A socket descriptor that may be closed while others are inside a call on it: the number is given
 * back to the system only when the last of them has left, so it can never name something else in
 * between.
 */
public final class Descriptor {
  private static final int CLOSED = 1 << 30;
  private static final int PATH_MAX = 107;

  private final int number;
  private final AtomicInteger users = new AtomicInteger();
  private int passed = -1;

  public Descriptor(int number) {
    this.number = number;
  }

  public static Descriptor[] pair() throws IOException {
    Scratch s = Scratch.take();
    try {
      int type = Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK;
      check(Libc.socketpair(s.state, type, s.small), "socketpair");
      return new Descriptor[] {
        new Descriptor(s.small.get(JAVA_INT, 0)), new Descriptor(s.small.get(JAVA_INT, 4))
      };
    } finally {
      s.give();
    }
  }

  public static Descriptor connect(Path path) throws IOException {
    Scratch s = Scratch.take();
    try {
      int fd = socket(s);
      int len = address(s, path);
      int r = Libc.connect(s.state, fd, s.small, len);
      if (r < 0) {
        Libc.close(s.state, fd);
        throw new ConnectException(path + ": " + Errno.name(r));
      }
      return new Descriptor(fd);
    } finally {
      s.give();
    }
  }

  public static Descriptor listen(Path path, int backlog) throws IOException {
    Scratch s = Scratch.take();
    try {
      int fd = socket(s);
      int len = address(s, path);
      int r = Libc.bind(s.state, fd, s.small, len);
      r = r < 0 ? r : Libc.listen(s.state, fd, backlog);
      if (r < 0) {
        Libc.close(s.state, fd);
        throw new IOException(path + ": " + Errno.name(r));
      }
      return new Descriptor(fd);
    } finally {
      s.give();
    }
  }

  private static int socket(Scratch s) throws IOException {
    int type = Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK;
    return check(Libc.socket(s.state, Libc.AF_UNIX, type), "socket");
  }

  private static int check(int result, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": " + Errno.name(result));
    }
    return result;
  }

  private static int address(Scratch s, Path path) throws IOException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length > PATH_MAX) {
      throw new IOException(path + ": a socket's path has at most " + PATH_MAX + " bytes");
    }
    s.small.fill((byte) 0);
    s.small.set(JAVA_SHORT, 0, (short) Libc.AF_UNIX);
    MemorySegment.copy(name, 0, s.small, JAVA_BYTE, 2, name.length);
    return 2 + name.length + 1;
  }

  public static void close(int number) {
    Scratch s = Scratch.take();
    Libc.close(s.state, number);
    s.give();
  }

  /** Inode of a socket descriptor, -1 for another kind. */
  public static long inode(int number) {
    try {
      String link =
          Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(number))).toString();
      boolean socket = link.startsWith("socket:[") && link.endsWith("]");
      return socket ? Long.parseLong(link.substring(8, link.length() - 1)) : -1;
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }

  public int number() {
    return number;
  }

  public long inode() {
    return inode(number);
  }

  private boolean enter() {
    if ((users.incrementAndGet() & CLOSED) != 0) {
      leave();
      return false;
    }
    return true;
  }

  private void leave() {
    if (users.decrementAndGet() == CLOSED) {
      close(number);
    }
  }

  public boolean isClosed() {
    return (users.get() & CLOSED) != 0;
  }

  public void close() {
    int u = users.get();
    while ((u & CLOSED) == 0) {
      if (users.compareAndSet(u, u + 1 | CLOSED)) {
        if (u > 0) {
          // Somebody waits inside. Only then: a shutdown also ends copies that other processes
          // hold.
          Scratch s = Scratch.take();
          Libc.shutdown(s.state, number);
          s.give();
        }
        leave();
        return;
      }
      u = users.get();
    }
  }

  public int accept() {
    if (!enter()) {
      return -Errno.EBADF;
    }
    Scratch s = Scratch.take();
    try {
      return Libc.accept(s.state, number);
    } finally {
      s.give();
      leave();
    }
  }

  public int send(byte[] buf, int off, int len, int pass) {
    if (len > Scratch.BYTES) {
      return -Errno.EMSGSIZE;
    }
    if (!enter()) {
      return -Errno.EPIPE;
    }
    Scratch s = Scratch.take();
    try {
      MemorySegment.copy(buf, off, s.bytes, JAVA_BYTE, 0, len);
      int flags = Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL;
      return Libc.sendmsg(s.state, number, s.outgoing(len, pass), flags);
    } finally {
      s.give();
      leave();
    }
  }

  public int receive(byte[] buf) {
    if (!enter()) {
      return 0;
    }
    Scratch s = Scratch.take();
    try {
      int flags = Libc.MSG_DONTWAIT | Libc.MSG_CMSG_CLOEXEC;
      int n = Libc.recvmsg(s.state, number, s.incoming(), flags);
      if (n <= 0) {
        return n == -Errno.ECONNRESET ? 0 : n;
      }
      passed = s.descriptor();
      if (n > buf.length) {
        return -Errno.EMSGSIZE;
      }
      MemorySegment.copy(s.bytes, JAVA_BYTE, 0, buf, 0, n);
      return n;
    } finally {
      s.give();
      leave();
    }
  }

  public int takePassed() {
    int p = passed;
    passed = -1;
    return p;
  }

  /** Waits for readability or writability. @return false after the timeout, or when closed */
  public boolean await(boolean readable, long timeoutMs) {
    if (!enter()) {
      return false;
    }
    try {
      if (Thread.currentThread().isVirtual()) {
        return WaitThread.shared().await(number, readable, timeoutMs) && !isClosed();
      }
      return poll(readable, timeoutMs) && !isClosed();
    } finally {
      leave();
    }
  }

  private boolean poll(boolean readable, long timeoutMs) {
    Scratch s = Scratch.take();
    try {
      s.small.set(JAVA_INT, 0, number);
      s.small.set(JAVA_SHORT, 4, (short) (readable ? Libc.POLLIN : Libc.POLLOUT));
      s.small.set(JAVA_SHORT, 6, (short) 0);
      int ms = timeoutMs < 0 ? -1 : (int) Math.min(timeoutMs, Integer.MAX_VALUE);
      int n = Libc.poll(s.state, s.small, 1, ms);
      while (n == -Errno.EINTR && !Thread.currentThread().isInterrupted()) {
        // A signal of the JVM's own; waiting a little longer than asked does no harm.
        n = Libc.poll(s.state, s.small, 1, ms);
      }
      return n > 0;
    } finally {
      s.give();
    }
  }

  public void buffers(int bytes) {
    Scratch s = Scratch.take();
    s.small.set(JAVA_INT, 0, bytes);
    Libc.setsockopt(s.state, number, Libc.SO_SNDBUF, s.small, 4);
    Libc.setsockopt(s.state, number, Libc.SO_RCVBUF, s.small, 4);
    s.give();
  }

  public @Nullable PeerCredentials credentials() {
    Scratch s = Scratch.take();
    try {
      s.small.set(JAVA_INT, 16, 12);
      int r = Libc.getsockopt(s.state, number, Libc.SO_PEERCRED, s.small, s.small.asSlice(16));
      return r < 0
          ? null
          : new PeerCredentials(
              s.small.get(JAVA_INT, 0), s.small.get(JAVA_INT, 4), s.small.get(JAVA_INT, 8));
    } finally {
      s.give();
    }
  }
}
