package dev.quic.uds.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quic.uds.PacketBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Native memory of one call: message header, control buffer, bytes. Pooled, so that no thread owns
 * any.
 */
final class Scratch implements PacketBytes {
  static final int BYTES = 65_536 + 256;
  private static final int CONTROL = 64;
  private static final int KEPT = 16;
  private static final ConcurrentLinkedQueue<Scratch> POOL = new ConcurrentLinkedQueue<>();

  final MemorySegment state;
  final MemorySegment bytes;
  final MemorySegment small;
  private final MemorySegment msg;
  private final MemorySegment iov;
  private final MemorySegment control;

  private Scratch() {
    Arena arena = Arena.ofAuto();
    state = arena.allocate(Libc.stateLayout());
    bytes = arena.allocate(BYTES, 64);
    small = arena.allocate(256, 8);
    msg = arena.allocate(56, 8);
    iov = arena.allocate(16, 8);
    control = arena.allocate(CONTROL, 8);
    iov.set(ADDRESS, 0, bytes);
    msg.set(ADDRESS, 16, iov);
    msg.set(JAVA_LONG, 24, 1);
  }

  static Scratch take() {
    @Nullable Scratch s = POOL.poll();
    return s == null ? new Scratch() : s;
  }

  void give() {
    if (POOL.size() < KEPT) {
      POOL.offer(this);
    }
  }

  /**
   * The header of a sendmsg of {@code len} bytes with a descriptor, or none when it is negative.
   */
  MemorySegment outgoing(int len, int fd) {
    iov.set(JAVA_LONG, 8, len);
    if (fd < 0) {
      msg.set(ADDRESS, 32, MemorySegment.NULL);
      msg.set(JAVA_LONG, 40, 0);
    } else {
      control.set(JAVA_LONG, 0, 20);
      control.set(JAVA_INT, 8, Libc.SOL_SOCKET);
      control.set(JAVA_INT, 12, Libc.SCM_RIGHTS);
      control.set(JAVA_INT, 16, fd);
      msg.set(ADDRESS, 32, control);
      msg.set(JAVA_LONG, 40, 24);
    }
    msg.set(JAVA_INT, 48, 0);
    return msg;
  }

  /**
   * Descriptors to poll.
   *
   * @param bell a second one, polled for reading; -1 for none
   */
  MemorySegment pollfds(int fd, int events, int bell) {
    small.set(JAVA_INT, 0, fd);
    small.set(JAVA_SHORT, 4, (short) events);
    small.set(JAVA_SHORT, 6, (short) 0);
    small.set(JAVA_INT, 8, bell);
    small.set(JAVA_SHORT, 12, (short) Libc.POLLIN);
    small.set(JAVA_SHORT, 14, (short) 0);
    return small;
  }

  /** A third descriptor to poll, whose readability ends the wait; -1 for none. */
  void pollsAlso(int third) {
    small.set(JAVA_INT, 16, third);
    small.set(JAVA_SHORT, 20, (short) Libc.POLLIN);
    small.set(JAVA_SHORT, 22, (short) 0);
  }

  /** What poll found about the first descriptor. */
  int pollResult() {
    return small.get(JAVA_SHORT, 6);
  }

  /** Whether the last packet was longer than {@link #BYTES}. */
  boolean truncated() {
    return (msg.get(JAVA_INT, 48) & Libc.MSG_TRUNC) != 0;
  }

  @Override
  public void copy(int from, byte[] into, int off, int len) {
    MemorySegment.copy(bytes, JAVA_BYTE, from, into, off, len);
  }

  MemorySegment incoming() {
    iov.set(JAVA_LONG, 8, BYTES);
    msg.set(ADDRESS, 32, control);
    msg.set(JAVA_LONG, 40, CONTROL);
    msg.set(JAVA_INT, 48, 0);
    return msg;
  }

  /**
   * Descriptors that came with the last message, in order; the first is kept, others are closed. -1
   * for none.
   */
  int descriptor() {
    long len = msg.get(JAVA_LONG, 40);
    if (len < 20
        || control.get(JAVA_INT, 8) != Libc.SOL_SOCKET
        || control.get(JAVA_INT, 12) != Libc.SCM_RIGHTS) {
      return -1;
    }
    long end = Math.min(control.get(JAVA_LONG, 0), len);
    for (long at = 20; at + 4 <= end; at += 4) {
      Libc.close(state, control.get(JAVA_INT, at));
    }
    return control.get(JAVA_INT, 16);
  }
}
