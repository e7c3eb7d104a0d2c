package dev.quic.uds.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quic.uapi.Errno;
import dev.quic.uds.PacketTaker;
import dev.quic.uds.PeerCredentials;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor that may be closed while others are inside a call on it: the number is given back to
 * the system only when the last of them has left, so it can never name something else in between.
 * Any thread; answers are results or negated errnos.
 */
public final class Descriptor {
  private static final int CLOSED = 1 << 30;

  /** Empty packets skipped before the caller gets its turn again. */
  private static final int EMPTY_PACKETS = 16;

  private final int number;

  /** How many are inside a call, and {@link #CLOSED}. */
  private final AtomicInteger users = new AtomicInteger();

  /** Virtual threads that wait; closing unparks them. */
  private final Set<Thread> parked = ConcurrentHashMap.newKeySet();

  /** What platform threads that wait also poll; closing makes it readable. Made when needed. */
  private final AtomicReference<@Nullable Descriptor> bell = new AtomicReference<>();

  /** The bell was rung. */
  private volatile boolean rung;

  private volatile boolean confidential;
  private int passed = -1;

  public Descriptor(int number) {
    this.number = number;
  }

  /** A connected SEQPACKET pair. */
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

  /** A counter that is readable while it is not 0. */
  static Descriptor counter() throws IOException {
    Scratch s = Scratch.take();
    try {
      return new Descriptor(check(Libc.eventfd(s.state), "eventfd"));
    } finally {
      s.give();
    }
  }

  static int check(int result, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": " + Errno.name(result));
    }
    return result;
  }

  public static void close(int number) {
    Scratch s = Scratch.take();
    Libc.close(s.state, number);
    s.give();
  }

  /** Inode of a socket descriptor, -1 for another kind. */
  public static long inode(int number) {
    Scratch s = Scratch.take();
    try {
      return Libc.socketInode(s.state, number, s.small);
    } finally {
      s.give();
    }
  }

  public int number() {
    return number;
  }

  public long inode() {
    return enter() ? leaving(inode(number)) : -1;
  }

  private long leaving(long answer) {
    leave();
    return answer;
  }

  // Users and the end.

  /** Before a call; {@link #leave} after it. False when it is closed. */
  boolean enter() {
    int u = users.get();
    while ((u & CLOSED) == 0) {
      if (users.compareAndSet(u, u + 1)) {
        return true;
      }
      u = users.get();
    }
    return false;
  }

  void leave() {
    if (users.decrementAndGet() == CLOSED) {
      close(number);
      Descriptor b = bell.getAndSet(null);
      if (b != null) {
        if (rung) {
          b.hush();
        }
        Bells.give(b);
      }
    }
  }

  public boolean isClosed() {
    return (users.get() & CLOSED) != 0;
  }

  /**
   * Closes, and wakes who waits. No shutdown: copies of the descriptor in other processes go on.
   */
  public void close() {
    int u = users.get();
    while ((u & CLOSED) == 0) {
      if (users.compareAndSet(u, u + 1 | CLOSED)) {
        Descriptor b = u == 0 ? null : bell.get();
        if (b != null) {
          rung = true;
          b.ring();
        }
        parked.forEach(LockSupport::unpark);
        leave();
        return;
      }
      u = users.get();
    }
  }

  /** Ends both directions, in every copy; what was sent before can still be received. */
  public void shutdown() {
    if (enter()) {
      Scratch s = Scratch.take();
      Libc.shutdown(s.state, number);
      s.give();
      leave();
    }
  }

  /** Overwrites what passes through native memory: secrets travel here. */
  public void confidential() {
    confidential = true;
  }

  // Counters.

  /** Makes a counter readable. */
  void ring() {
    if (!enter()) {
      return;
    }
    Scratch s = Scratch.take();
    s.small.set(JAVA_LONG, 0, 1);
    Libc.write(s.state, number, s.small, 8);
    s.give();
    leave();
  }

  /** Makes a counter unreadable again. */
  void hush() {
    if (!enter()) {
      return;
    }
    Scratch s = Scratch.take();
    Libc.read(s.state, number, s.small, 8);
    s.give();
    leave();
  }

  // Packets.

  /**
   * Sends one packet without waiting.
   *
   * @param pass descriptor to pass along, -1 for none
   * @return bytes sent
   */
  public int send(byte[] buf, int off, int len, int pass) {
    return send(buf, 0, buf, off, len, pass);
  }

  /**
   * Sends one packet in two pieces without waiting.
   *
   * @param head bytes from its beginning come first
   * @param headLen 0 or more
   * @param pass descriptor to pass along, -1 for none
   * @return bytes sent, of both pieces
   */
  public int send(byte[] head, int headLen, byte[] buf, int off, int len, int pass) {
    int all = headLen + len;
    if (all > Scratch.BYTES) {
      return -Errno.EMSGSIZE;
    }
    if (all == 0) {
      return -Errno.EINVAL;
    }
    if (!enter()) {
      return -Errno.EPIPE;
    }
    Scratch s = Scratch.take();
    try {
      MemorySegment.copy(head, 0, s.bytes, JAVA_BYTE, 0, headLen);
      MemorySegment.copy(buf, off, s.bytes, JAVA_BYTE, headLen, len);
      int flags = Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL;
      return Traffic.sent(Libc.sendmsg(s.state, number, s.outgoing(all, pass), flags));
    } finally {
      release(s, all);
    }
  }

  /**
   * Receives one packet without waiting.
   *
   * @return its length, 0 at the end, -EAGAIN when none waits, -EMSGSIZE when it was longer than
   *     allowed (it is gone then)
   */
  public int receive(byte[] buf) {
    return receive(buf, null);
  }

  /**
   * Receives one packet without waiting.
   *
   * @param head where as much of it goes as there is room, before {@code taker} is called
   * @param taker takes the rest; null when all of it has to fit
   * @return as {@link #receive(byte[])}
   */
  public int receive(byte[] head, @Nullable PacketTaker taker) {
    if (!enter()) {
      return 0;
    }
    Scratch s = Scratch.take();
    int n = 0;
    try {
      int flags = Libc.MSG_DONTWAIT | Libc.MSG_CMSG_CLOEXEC;
      n = Libc.recvmsg(s.state, number, s.incoming(), flags);
      for (int i = 0; n == 0; i++) {
        // The end looks like an empty packet, but for the hang-up.
        closePassed(s.descriptor());
        if (hungUp(s)) {
          return 0;
        }
        if (i == EMPTY_PACKETS) {
          return -Errno.EAGAIN;
        }
        n = Libc.recvmsg(s.state, number, s.incoming(), flags);
      }
      if (n < 0) {
        return n == -Errno.ECONNRESET ? 0 : n;
      }
      Traffic.received(n);
      closePassed(passed);
      passed = s.descriptor();
      if (n > head.length && taker == null || s.truncated()) {
        return -Errno.EMSGSIZE;
      }
      s.copy(0, head, 0, Math.min(n, head.length));
      if (taker != null) {
        taker.take(n, s);
      }
      return n;
    } finally {
      release(s, Math.max(n, 0));
    }
  }

  private static void closePassed(int fd) {
    if (fd >= 0) {
      close(fd);
    }
  }

  private boolean hungUp(Scratch s) {
    return Libc.poll(s.state, s.pollfds(number, Libc.POLLRDHUP, -1), 1, 0) > 0;
  }

  private void release(Scratch s, int used) {
    if (confidential) {
      s.bytes.asSlice(0, Math.min(used, Scratch.BYTES)).fill((byte) 0);
    }
    s.give();
    leave();
  }

  /** The descriptor that came with the last packet, -1 for none; the caller's from now on. */
  public int takePassed() {
    int p = passed;
    passed = -1;
    return p;
  }

  // Waiting.

  /**
   * Waits for readability or writability.
   *
   * @param timeoutMs negative waits for ever
   * @return false after the timeout, when closed, and when the thread is interrupted
   */
  public boolean await(boolean readable, long timeoutMs) {
    if (!enter()) {
      return false;
    }
    try {
      int ready = -1;
      if (Thread.currentThread().isVirtual()) {
        ready = WaitThread.shared().await(this, readable, timeoutMs, parked);
      }
      // Without resources for parking, the carrier waits.
      return (ready < 0 ? poll(readable, timeoutMs) : ready > 0) && !isClosed();
    } finally {
      leave();
    }
  }

  private boolean poll(boolean readable, long timeoutMs) {
    Descriptor b = bell();
    if (isClosed()) {
      return false;
    }
    Scratch s = Scratch.take();
    // Interrupts of virtual threads do not reach a thread in a system call.
    InterruptBell interrupts = Thread.currentThread().isVirtual() ? null : InterruptBell.take();
    try {
      int ms = timeoutMs < 0 ? -1 : (int) Math.min(timeoutMs, Integer.MAX_VALUE);
      int events = readable ? Libc.POLLIN : Libc.POLLOUT;
      MemorySegment fds = s.pollfds(number, events, b == null ? -1 : b.number);
      s.pollsAlso(interrupts == null ? -1 : interrupts.number());
      int n = Libc.poll(s.state, fds, 3, ms);
      while (n == -Errno.EINTR && !Thread.currentThread().isInterrupted()) {
        // A signal of the JVM's own; waiting a little longer than asked does no harm.
        n = Libc.poll(s.state, fds, 3, ms);
      }
      return n > 0 && s.pollResult() != 0;
    } finally {
      if (interrupts != null) {
        interrupts.give();
      }
      s.give();
    }
  }

  /** The bell, made when there is none yet; null when the system has no more descriptors. */
  private @Nullable Descriptor bell() {
    Descriptor b = bell.get();
    if (b != null) {
      return b;
    }
    try {
      Descriptor mine = Bells.take();
      if (bell.compareAndSet(null, mine)) {
        return mine;
      }
      Bells.give(mine);
      return bell.get();
    } catch (IOException e) {
      return null;
    }
  }

  // Options.

  /** Raises both kernel buffers, bytes. */
  public void buffers(int bytes) {
    if (!enter()) {
      return;
    }
    Scratch s = Scratch.take();
    s.small.set(JAVA_INT, 0, bytes);
    Libc.setsockopt(s.state, number, Libc.SO_SNDBUF, s.small, 4);
    Libc.setsockopt(s.state, number, Libc.SO_RCVBUF, s.small, 4);
    s.give();
    leave();
  }

  public @Nullable PeerCredentials credentials() {
    if (!enter()) {
      return null;
    }
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
      leave();
    }
  }
}
