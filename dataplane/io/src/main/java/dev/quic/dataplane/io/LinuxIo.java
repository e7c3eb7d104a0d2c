package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.ADDRESS_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.QuicUapi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The native memory of one shard: one receive and one send buffer with their message headers,
 * shared by all its ports, so that a thousand client ports cost no thousand buffers. For the thread
 * that holds the shard's baton.
 */
final class LinuxIo {
  private static final int CONTROL_BYTES = 256;
  private static final int NAME_BYTES = 28;

  final AddrCache addresses = new AddrCache();

  /** Collected with the shard: one that is closed must be guarded at every call. */
  private final Arena arena = Arena.ofAuto();

  /** Where calls leave their errno. */
  final MemorySegment state = Libc.callState(arena);

  /** Scratch for option values and lengths. */
  final MemorySegment value = arena.allocate(16, 8);

  final MemorySegment rxBuf = arena.allocate(IoLimits.MAX_RUN_BYTES + 1, 64);
  final MemorySegment rxControl = arena.allocate(CONTROL_BYTES, 8);
  final MemorySegment rxName = arena.allocate(NAME_BYTES, 8);
  final MemorySegment rxMsg = arena.allocate(LinuxAbi.MSGHDR, 8);
  private final MemorySegment rxIov = arena.allocate(16, 8);

  private final MemorySegment txBuf = arena.allocate(IoLimits.MAX_RUN_BYTES + 1, 64);
  private final long txAt = txBuf.address();
  final MemorySegment txControl = arena.allocate(CONTROL_BYTES, 8);
  final MemorySegment txName = arena.allocate(NAME_BYTES, 8);
  final MemorySegment txMsg = arena.allocate(LinuxAbi.MSGHDR, 8);
  private final MemorySegment txIov = arena.allocate(16, 8);

  LinuxIo() {
    header(rxMsg, rxName, rxIov, rxControl, rxBuf);
    header(txMsg, txName, txIov, txControl, txBuf);
  }

  private static void header(
      MemorySegment msg,
      MemorySegment name,
      MemorySegment iov,
      MemorySegment control,
      MemorySegment buf) {
    msg.set(ADDRESS_UNALIGNED, LinuxAbi.MSG_NAME, name);
    msg.set(ADDRESS_UNALIGNED, LinuxAbi.MSG_IOV, iov);
    msg.set(JAVA_LONG_UNALIGNED, LinuxAbi.MSG_IOVLEN, 1);
    msg.set(ADDRESS_UNALIGNED, LinuxAbi.MSG_CONTROL, control);
    iov.set(ADDRESS_UNALIGNED, 0, buf);
    iov.set(JAVA_LONG_UNALIGNED, 8, buf.byteSize());
  }

  /**
   * Receives one run into {@link #rxBuf}, {@link #rxName} and {@link #rxControl}.
   *
   * @return bytes, or a negated errno
   */
  long receive(int fd) {
    rxMsg.set(JAVA_INT_UNALIGNED, LinuxAbi.MSG_NAMELEN, NAME_BYTES);
    rxMsg.set(JAVA_LONG_UNALIGNED, LinuxAbi.MSG_CONTROLLEN, CONTROL_BYTES);
    return Libc.recvmsg(state, fd, rxMsg, LinuxAbi.MSG_DONTWAIT);
  }

  /** Bytes of control messages the last receive brought. */
  int rxControlLength() {
    return (int) rxMsg.get(JAVA_LONG_UNALIGNED, LinuxAbi.MSG_CONTROLLEN);
  }

  /** The source of the last receive. */
  SockAddr rxSource() {
    return readAddress(rxName);
  }

  /**
   * Sends bytes that are outside the heap already.
   *
   * @param at address of the first
   * @param nameLen bytes of {@link #txName}
   * @param controlLen bytes of {@link #txControl}
   * @return bytes, or a negated errno
   */
  long send(int fd, long at, long len, int nameLen, int controlLen) {
    txMsg.set(JAVA_INT_UNALIGNED, LinuxAbi.MSG_NAMELEN, nameLen);
    txMsg.set(JAVA_LONG_UNALIGNED, LinuxAbi.MSG_CONTROLLEN, controlLen);
    txIov.set(JAVA_LONG_UNALIGNED, 0, at);
    txIov.set(JAVA_LONG_UNALIGNED, 8, len);
    return Libc.sendmsg(state, fd, txMsg, LinuxAbi.MSG_DONTWAIT);
  }

  /** Reads a sockaddr; the same object for the same address as long as it is in use. */
  SockAddr readAddress(MemorySegment s) {
    int family = s.get(JAVA_SHORT_UNALIGNED, 0) & 0xffff;
    int port = Short.reverseBytes(s.get(JAVA_SHORT_UNALIGNED, 2)) & 0xffff;
    if (family == QuicUapi.AF_INET) {
      int bits = Integer.reverseBytes(s.get(JAVA_INT_UNALIGNED, 4));
      return addresses.get(family, 0, v4Mapped(bits), port, 0);
    }
    return addresses.get(
        family,
        Long.reverseBytes(s.get(JAVA_LONG_UNALIGNED, 8)),
        Long.reverseBytes(s.get(JAVA_LONG_UNALIGNED, 16)),
        port,
        s.get(JAVA_INT_UNALIGNED, 24));
  }

  /** The lower half of the v4-mapped form of an IPv4 address. */
  static long v4Mapped(int bits) {
    return 0xffff_0000_0000L | bits & 0xffff_ffffL;
  }

  /**
   * Writes a sockaddr for a socket of {@code family}; v4 is written mapped for an IPv6 socket.
   *
   * @return bytes written, or 0 when the family cannot hold the address
   */
  static int writeAddress(SockAddr a, int family, MemorySegment s) {
    s.set(JAVA_SHORT_UNALIGNED, 0, (short) family);
    s.set(JAVA_SHORT_UNALIGNED, 2, Short.reverseBytes((short) a.port()));
    if (family == QuicUapi.AF_INET) {
      if (!a.isV4()) {
        return 0;
      }
      s.set(JAVA_INT_UNALIGNED, 4, Integer.reverseBytes(a.v4Bits()));
      s.set(JAVA_LONG_UNALIGNED, 8, 0);
      return 16;
    }
    s.set(JAVA_INT_UNALIGNED, 4, 0);
    s.set(JAVA_LONG_UNALIGNED, 8, Long.reverseBytes(a.hi()));
    s.set(JAVA_LONG_UNALIGNED, 16, Long.reverseBytes(a.lo()));
    s.set(JAVA_INT_UNALIGNED, 24, a.scope());
    return 28;
  }

  /** Copies heap bytes to the start of the send buffer; returns its address. */
  long load(byte[] bytes, int len) {
    MemorySegment.copy(bytes, 0, txBuf, JAVA_BYTE, 0, len);
    return txAt;
  }

  int setInt(int fd, int level, int name, int v) {
    value.set(JAVA_INT_UNALIGNED, 0, v);
    return Libc.setsockopt(state, fd, level, name, value, 4);
  }

  /** An int option, or a negated errno. */
  int getInt(int fd, int level, int name) {
    value.set(JAVA_INT_UNALIGNED, 8, 4);
    int rc = Libc.getsockopt(state, fd, level, name, value, value.asSlice(8, 4));
    return rc < 0 ? rc : value.get(JAVA_INT_UNALIGNED, 0);
  }
}
