package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket by system calls: a run of datagrams of one size leaves by one sendmsg with
 * UDP_SEGMENT and arrives by one recvmsg with UDP_GRO; ECN and local address travel as control
 * messages. IPv6 sockets are dual-stack, with v4-mapped addresses.
 */
final class LinuxUdpPort implements UdpPort {
  private static final int LOOK_AGAIN_EVERY = 8;

  private final LinuxIo io;
  private final int fd;
  private final SockAddr local;
  private final boolean gro;
  private final boolean pktinfo;
  private final boolean ecn;
  private final boolean dontFragment;
  private final TxBacklog backlog = new TxBacklog();

  /** Cleared for good when a device cannot do it (EIO). */
  private boolean gso;

  /** Whether the last receive took more than one run. */
  private boolean queued;

  /** Receives that took one run and asked for no other. */
  private int singles;

  private long drops;
  private boolean tooBig;
  private boolean closed;

  /** Out of {@link #readControl}. */
  private int runSegment;

  private int runEcn;
  private @Nullable SockAddr runLocal;

  private LinuxUdpPort(LinuxIo io, int fd, SockAddr local, Features f) {
    this.io = io;
    this.fd = fd;
    this.local = local;
    this.gso = f.gso;
    this.gro = f.gro;
    this.pktinfo = f.pktinfo;
    this.ecn = f.ecn;
    this.dontFragment = f.dontFragment;
  }

  private record Features(
      boolean gso, boolean gro, boolean pktinfo, boolean ecn, boolean dontFragment) {}

  /**
   * Opens and binds.
   *
   * @param local port 0 picks one
   * @throws BindException with the errno of the call that failed
   */
  static LinuxUdpPort bind(
      LinuxIo io, SockAddr local, boolean reusePort, boolean v6only, BufferNotice notice)
      throws BindException {
    int type = LinuxAbi.SOCK_DGRAM | LinuxAbi.SOCK_NONBLOCK | LinuxAbi.SOCK_CLOEXEC;
    int fd = check(Libc.socket(io.state, local.family(), type, 0));
    boolean done = false;
    try {
      boolean six = local.family() == QuicUapi.AF_INET6;
      if (six) {
        check(io.setInt(fd, LinuxAbi.IPPROTO_IPV6, LinuxAbi.IPV6_V6ONLY, v6only ? 1 : 0));
      }
      if (reusePort) {
        check(io.setInt(fd, LinuxAbi.SOL_SOCKET, LinuxAbi.SO_REUSEPORT, 1));
      }
      int len = LinuxIo.writeAddress(local, local.family(), io.rxName);
      check(len == 0 ? -Errno.EAFNOSUPPORT : Libc.bind(io.state, fd, io.rxName, len));
      Features features = configure(io, fd, six);
      raiseBuffers(io, fd, notice);
      io.value.set(JAVA_INT_UNALIGNED, 0, 28);
      check(Libc.getsockname(io.state, fd, io.rxName, io.value));
      LinuxUdpPort port = new LinuxUdpPort(io, fd, io.readAddress(io.rxName), features);
      done = true;
      return port;
    } finally {
      if (!done) {
        Libc.close(io.state, fd);
      }
    }
  }

  private static int check(int result) throws BindException {
    if (result < 0) {
      throw new BindException(-result);
    }
    return result;
  }

  private static Features configure(LinuxIo io, int fd, boolean six) {
    int ip = LinuxAbi.IPPROTO_IP;
    boolean info = io.setInt(fd, ip, LinuxAbi.IP_PKTINFO, 1) >= 0;
    boolean tos = io.setInt(fd, ip, LinuxAbi.IP_RECVTOS, 1) >= 0;
    boolean df = io.setInt(fd, ip, LinuxAbi.IP_MTU_DISCOVER, LinuxAbi.PMTUDISC_PROBE) >= 0;
    if (six) {
      int ip6 = LinuxAbi.IPPROTO_IPV6;
      info = io.setInt(fd, ip6, LinuxAbi.IPV6_RECVPKTINFO, 1) >= 0;
      tos &= io.setInt(fd, ip6, LinuxAbi.IPV6_RECVTCLASS, 1) >= 0;
      df &= io.setInt(fd, ip6, LinuxAbi.IPV6_MTU_DISCOVER, LinuxAbi.PMTUDISC_PROBE) >= 0;
    }
    boolean gso = io.getInt(fd, LinuxAbi.SOL_UDP, LinuxAbi.UDP_SEGMENT) >= 0;
    boolean gro = io.setInt(fd, LinuxAbi.SOL_UDP, LinuxAbi.UDP_GRO, 1) >= 0;
    return new Features(gso, gro, info, tos, df);
  }

  private static void raiseBuffers(LinuxIo io, int fd, BufferNotice notice) {
    int need = IoLimits.SOCKET_BUFFER_BYTES;
    int want = IoLimits.RECEIVE_BUFFER_BYTES;
    int rx = raise(io, fd, LinuxAbi.SO_RCVBUF, LinuxAbi.SO_RCVBUFFORCE, want);
    int tx = raise(io, fd, LinuxAbi.SO_SNDBUF, LinuxAbi.SO_SNDBUFFORCE, need);
    notice.granted(need, rx, tx);
  }

  private static int raise(LinuxIo io, int fd, int name, int force, int want) {
    io.setInt(fd, LinuxAbi.SOL_SOCKET, name, want);
    // The kernel answers twice what it was asked for: half is its own bookkeeping.
    int got = io.getInt(fd, LinuxAbi.SOL_SOCKET, name) / 2;
    if (got >= want) {
      return got;
    }
    io.setInt(fd, LinuxAbi.SOL_SOCKET, force, want);
    return io.getInt(fd, LinuxAbi.SOL_SOCKET, name) / 2;
  }

  int fd() {
    return fd;
  }

  @Override
  public void letOthersJoin() {
    // Not before bind: there a port of somebody else must be an error.
    io.setInt(fd, LinuxAbi.SOL_SOCKET, LinuxAbi.SO_REUSEPORT, 1);
  }

  @Override
  public int steer(int first, int count) {
    return SteeringProgram.attach(io, fd, first, count);
  }

  @Override
  public SockAddr local() {
    return local;
  }

  @Override
  public PortFeatures features() {
    return new PortFeatures(gso, gro, ecn, pktinfo, dontFragment);
  }

  @Override
  public int receive(RxBatch batch, int handle) {
    int first = batch.count;
    int tail = first == 0 ? 0 : batch.off[first - 1] + batch.len[first - 1];
    int runs = 0;
    while (batch.slab.length - tail >= IoLimits.MAX_RUN_BYTES
        && batch.len.length - batch.count >= IoLimits.MAX_RUN_SEGMENTS
        && (runs != 1 || looksAgain())) {
      long n = io.receive(fd);
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n < 0) {
        break;
      }
      runs++;
      if (n > 0) {
        tail = append(batch, tail, (int) n, handle);
      }
    }
    queued = runs > 1;
    return batch.count - first;
  }

  /**
   * Whether to ask for another run at once. Most often there is none, and the poll of the next turn
   * tells anyway; so only where one was found the last time, and now and then to find out.
   */
  private boolean looksAgain() {
    return queued || ++singles % LOOK_AGAIN_EVERY == 0;
  }

  /** Copies a run into the slab, cut into its datagrams. */
  private int append(RxBatch batch, int tail, int bytes, int handle) {
    readControl();
    SockAddr source = io.rxSource();
    SockAddr to = runLocal;
    MemorySegment.copy(io.rxBuf, JAVA_BYTE, 0, batch.slab, tail, bytes);
    int segment = runSegment > 0 ? runSegment : bytes;
    int end = tail + bytes;
    for (int at = tail; at < end && batch.count < batch.len.length; at += segment) {
      int i = batch.count++;
      batch.off[i] = at;
      batch.len[i] = Math.min(segment, end - at);
      batch.ecn[i] = (byte) runEcn;
      batch.local[i] = to == null ? local : to;
      batch.remote[i] = source;
      batch.port[i] = handle;
    }
    return end;
  }

  private void readControl() {
    runSegment = 0;
    runEcn = 0;
    runLocal = null;
    MemorySegment c = io.rxControl;
    int end = Math.min(io.rxControlLength(), (int) c.byteSize());
    int at = 0;
    while (end - at >= LinuxAbi.CMSGHDR) {
      int len = (int) c.get(JAVA_LONG_UNALIGNED, at);
      if (len < LinuxAbi.CMSGHDR || len > end - at) {
        break;
      }
      int level = c.get(JAVA_INT_UNALIGNED, at + 8);
      int type = c.get(JAVA_INT_UNALIGNED, at + 12);
      readControl(c, level, type, at + LinuxAbi.CMSGHDR);
      at += LinuxAbi.cmsgAlign(len);
    }
  }

  private void readControl(MemorySegment c, int level, int type, int at) {
    if (level == LinuxAbi.SOL_UDP && type == LinuxAbi.UDP_GRO) {
      runSegment = c.get(JAVA_INT_UNALIGNED, at);
    } else if (level == LinuxAbi.IPPROTO_IP && type == LinuxAbi.IP_TOS) {
      runEcn = c.get(JAVA_BYTE, at) & 3;
    } else if (level == LinuxAbi.IPPROTO_IPV6 && type == LinuxAbi.IPV6_TCLASS) {
      runEcn = c.get(JAVA_INT_UNALIGNED, at) & 3;
    } else if (level == LinuxAbi.IPPROTO_IP
        && type == LinuxAbi.IP_PKTINFO
        && local.family() == QuicUapi.AF_INET) {
      // struct in_pktinfo: interface, address to answer from, address in the header.
      int bits = Integer.reverseBytes(c.get(JAVA_INT_UNALIGNED, at + 4));
      runLocal = io.addresses.get(QuicUapi.AF_INET, 0, LinuxIo.v4Mapped(bits), local.port(), 0);
    } else if (level == LinuxAbi.IPPROTO_IPV6 && type == LinuxAbi.IPV6_PKTINFO) {
      long hi = Long.reverseBytes(c.get(JAVA_LONG_UNALIGNED, at));
      long lo = Long.reverseBytes(c.get(JAVA_LONG_UNALIGNED, at + 8));
      int scope = linkLocal(hi) ? c.get(JAVA_INT_UNALIGNED, at + 16) : 0;
      runLocal = io.addresses.get(QuicUapi.AF_INET6, hi, lo, local.port(), scope);
    }
  }

  private static boolean linkLocal(long hi) {
    return hi >>> 54 == 0xfe80 >>> 6;
  }

  @Override
  public void send(TxBatch batch) {
    SockAddr remote = batch.remote;
    if (remote == null || batch.len == 0 || closed) {
      return;
    }
    byte mark = batch.ecn;
    if (!backlog.isEmpty()) {
      WireBytes.fetch(batch);
      keep(batch.slab, 0, batch.len, batch.segmentSize, batch.local, remote, mark);
      return;
    }
    tooBig = false;
    long at = batch.wire == 0 ? io.load(batch.slab, batch.len) : batch.wire;
    int sent = sendRun(at, batch.len, batch.segmentSize, batch.local, remote, mark);
    batch.tooBig = tooBig;
    if (sent < batch.len) {
      WireBytes.fetch(batch);
      keep(batch.slab, sent, batch.len - sent, batch.segmentSize, batch.local, remote, mark);
    }
  }

  private void keep(
      byte[] slab, int off, int len, int segment, @Nullable SockAddr from, SockAddr to, byte ecn) {
    if (!backlog.add(slab, off, len, segment, from, to, ecn)) {
      drops += (len + segment - 1) / segment;
    }
  }

  /**
   * Sends a run, whole where the system can.
   *
   * @param bytes address of the first byte
   * @return bytes done with (sent or given up); fewer than {@code len} when the socket is full
   */
  private int sendRun(
      long bytes, int len, int segment, @Nullable SockAddr from, SockAddr to, byte mark) {
    int nameLen = LinuxIo.writeAddress(to, local.family(), io.txName);
    if (nameLen == 0) {
      drops += (len + segment - 1) / segment;
      return len;
    }
    if (gso && len > segment) {
      int control = writeControl(segment, from, to, mark);
      long rc;
      do {
        rc = io.send(fd, bytes, len, nameLen, control);
      } while (rc == -Errno.EINTR);
      if (rc >= 0) {
        return len;
      }
      if (rc == -Errno.EAGAIN) {
        return 0;
      }
      if (rc == -Errno.EIO) {
        gso = false; // A device on the way out without checksum offload: never ask it again.
      }
    }
    return sendSingly(bytes, len, segment, nameLen, writeControl(0, from, to, mark));
  }

  private int sendSingly(long bytes, int len, int segment, int nameLen, int control) {
    int at = 0;
    while (at < len) {
      int n = Math.min(segment, len - at);
      long rc = io.send(fd, bytes + at, n, nameLen, control);
      if (rc == -Errno.EINTR) {
        continue;
      }
      if (rc == -Errno.EAGAIN) {
        return at;
      }
      if (rc < 0) {
        drops++; // ENETUNREACH, EPERM of a filter: loss, as on any network.
        tooBig |= rc == -Errno.EMSGSIZE;
      }
      at += n;
    }
    return len;
  }

  /** Writes the control messages of a send; returns their length. */
  private int writeControl(int segment, @Nullable SockAddr from, SockAddr to, byte mark) {
    MemorySegment c = io.txControl;
    int at = 0;
    if (segment > 0) {
      at = cmsg(c, at, LinuxAbi.SOL_UDP, LinuxAbi.UDP_SEGMENT, 2);
      c.set(JAVA_SHORT_UNALIGNED, at - 8, (short) segment);
    }
    boolean four = to.isV4();
    if (pktinfo && from != null && !from.isAny() && from.isV4() == four) {
      at = writeSource(c, at, from);
    }
    if (ecn && mark != 0) {
      int level = four ? LinuxAbi.IPPROTO_IP : LinuxAbi.IPPROTO_IPV6;
      at = cmsg(c, at, level, four ? LinuxAbi.IP_TOS : LinuxAbi.IPV6_TCLASS, 4);
      c.set(JAVA_INT_UNALIGNED, at - 8, mark);
    }
    return at;
  }

  private static int writeSource(MemorySegment c, int at, SockAddr from) {
    if (from.isV4()) {
      int data = at + LinuxAbi.CMSGHDR;
      int end = cmsg(c, at, LinuxAbi.IPPROTO_IP, LinuxAbi.IP_PKTINFO, 12);
      c.set(JAVA_INT_UNALIGNED, data, 0);
      c.set(JAVA_INT_UNALIGNED, data + 4, Integer.reverseBytes(from.v4Bits()));
      c.set(JAVA_INT_UNALIGNED, data + 8, 0);
      return end;
    }
    int data = at + LinuxAbi.CMSGHDR;
    int end = cmsg(c, at, LinuxAbi.IPPROTO_IPV6, LinuxAbi.IPV6_PKTINFO, 20);
    c.set(JAVA_LONG_UNALIGNED, data, Long.reverseBytes(from.hi()));
    c.set(JAVA_LONG_UNALIGNED, data + 8, Long.reverseBytes(from.lo()));
    c.set(JAVA_INT_UNALIGNED, data + 16, from.scope());
    return end;
  }

  /** Writes a header and zeroed padding; returns where the next message starts. */
  private static int cmsg(MemorySegment c, int at, int level, int type, int dataLen) {
    int len = LinuxAbi.CMSGHDR + dataLen;
    int end = at + LinuxAbi.cmsgAlign(len);
    c.set(JAVA_LONG_UNALIGNED, end - 8, 0);
    c.set(JAVA_LONG_UNALIGNED, at, len);
    c.set(JAVA_INT_UNALIGNED, at + 8, level);
    c.set(JAVA_INT_UNALIGNED, at + 12, type);
    return end;
  }

  @Override
  public boolean tellsDestination() {
    return pktinfo;
  }

  @Override
  public boolean wantsWrite() {
    return !backlog.isEmpty();
  }

  @Override
  public void flush() {
    for (TxBacklog.Entry e = backlog.peek(); e != null; e = backlog.peek()) {
      byte[] bytes = e.bytes();
      long at = io.load(bytes, bytes.length);
      int sent = sendRun(at, bytes.length, e.segmentSize(), e.local(), e.remote(), e.ecn());
      if (sent < bytes.length) {
        backlog.replaceHead(sent);
        return;
      }
      backlog.remove();
    }
  }

  @Override
  public long sendDrops() {
    return drops;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      backlog.clear();
      Libc.close(io.state, fd);
    }
  }
}
