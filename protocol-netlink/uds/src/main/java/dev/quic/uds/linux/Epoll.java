package dev.quic.uds.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.quic.uapi.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An epoll instance with a wake-up. {@link #await} belongs to one thread, the other calls to any.
 */
public final class Epoll implements AutoCloseable {
  public static final int IN = 1;
  public static final int OUT = 4;
  public static final int ERR = 8;
  public static final int HUP = 16;
  public static final int ONESHOT = 1 << 30;
  public static final int EDGE = 1 << 31;

  private static final int MAX = 64;
  private static final long WAKE = -1;
  // epoll_event is packed on x86-64 and naturally aligned elsewhere.
  private static final boolean PACKED = System.getProperty("os.arch", "").matches("amd64|x86_64");
  private static final int SIZE = PACKED ? 12 : 16;
  private static final int DATA = PACKED ? 4 : 8;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(Libc.stateLayout());
  private final MemorySegment events = arena.allocate((long) MAX * SIZE, 8);
  private final int ep;
  private final Descriptor wake;

  /** Takes the ready entries of one {@link #await}. */
  @FunctionalInterface
  public interface Sink {
    void ready(long key, int events);
  }

  public Epoll() throws IOException {
    wake = Descriptor.counter();
    ep = Libc.epollCreate(state);
    if (ep < 0) {
      wake.close();
      throw new IOException("epoll: " + Errno.name(ep));
    }
    control(Libc.EPOLL_CTL_ADD, wake.number(), IN, WAKE);
  }

  /**
   * Adds a descriptor.
   *
   * @param key what {@link Sink#ready} gets; 0 or more
   * @return 0 or a negated errno
   */
  public int add(int fd, int interest, long key) {
    return control(Libc.EPOLL_CTL_ADD, fd, interest, key);
  }

  public int modify(int fd, int interest, long key) {
    return control(Libc.EPOLL_CTL_MOD, fd, interest, key);
  }

  public void remove(int fd) {
    control(Libc.EPOLL_CTL_DEL, fd, 0, 0);
  }

  private int control(int op, int fd, int interest, long key) {
    Scratch s = Scratch.take();
    try {
      s.small.set(JAVA_INT, 0, interest);
      s.small.set(JAVA_LONG_UNALIGNED, DATA, key);
      return Libc.epollCtl(s.state, ep, op, fd, s.small);
    } finally {
      s.give();
    }
  }

  /** Its own descriptor, which is readable while something is ready. */
  public int number() {
    return ep;
  }

  /** Waits; negative for ever. */
  public void await(long timeoutMs, Sink sink) {
    int ms = timeoutMs < 0 ? -1 : (int) Math.min(timeoutMs, Integer.MAX_VALUE);
    int n = Libc.epollWait(state, ep, events, MAX, ms);
    for (int i = 0; i < n; i++) {
      long key = events.get(JAVA_LONG_UNALIGNED, (long) i * SIZE + DATA);
      if (key == WAKE) {
        wake.hush();
      } else {
        sink.ready(key, events.get(JAVA_INT_UNALIGNED, (long) i * SIZE));
      }
    }
  }

  /** Ends a wait, or the next one; nothing after {@link #close}. Any thread. */
  public void wakeup() {
    wake.ring();
  }

  @Override
  public void close() {
    Descriptor.close(ep);
    wake.close();
    arena.close();
  }
}
