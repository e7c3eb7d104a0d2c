package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Locale;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket by {@link DatagramChannel}: runs everywhere, one datagram a call, no ECN on what
 * arrives, and on a wildcard bind no knowledge of the local address (it is reported unspecified).
 */
final class NioUdpPort implements UdpPort {
  private final NioIo io;
  private final DatagramChannel channel;
  private final SockAddr local;
  private final boolean dontFragment;
  private final TxBacklog backlog = new TxBacklog();
  private long drops;
  private boolean tooBig;
  private boolean closed;

  /** Whether what is sent can be marked, and the mark in force. */
  private boolean marks;

  private byte mark;

  private NioUdpPort(NioIo io, DatagramChannel channel, SockAddr local, boolean dontFragment) {
    this.io = io;
    this.channel = channel;
    this.local = local;
    this.dontFragment = dontFragment;
    marks = set(channel, StandardSocketOptions.IP_TOS, 0);
  }

  /**
   * Opens and binds.
   *
   * @param local port 0 picks one
   * @throws BindException with the errno nearest to the reason
   */
  static NioUdpPort bind(NioIo io, SockAddr local, boolean reusePort, BufferNotice notice)
      throws BindException {
    boolean six = local.family() == QuicUapi.AF_INET6;
    ProtocolFamily family = six ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    DatagramChannel channel = null;
    try {
      channel = DatagramChannel.open(family);
      channel.configureBlocking(false);
      if (reusePort) {
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      boolean df = set(channel, ExtendedSocketOptions.IP_DONTFRAGMENT, true);
      channel.bind(io.addresses.toInet(local));
      int want = IoLimits.SOCKET_BUFFER_BYTES;
      set(channel, StandardSocketOptions.SO_RCVBUF, want);
      set(channel, StandardSocketOptions.SO_SNDBUF, want);
      notice.granted(
          want,
          channel.getOption(StandardSocketOptions.SO_RCVBUF),
          channel.getOption(StandardSocketOptions.SO_SNDBUF));
      InetSocketAddress bound = (InetSocketAddress) channel.getLocalAddress();
      return new NioUdpPort(io, channel, io.addresses.fromInet(bound, local.family()), df);
    } catch (IOException | UnsupportedOperationException e) {
      if (channel != null) {
        closeQuietly(channel);
      }
      throw new BindException(errno(e));
    }
  }

  private static <T> boolean set(DatagramChannel channel, SocketOption<T> option, T value) {
    try {
      channel.setOption(option, value);
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false; // A feature less, which features() tells.
    }
  }

  /** The JDK keeps the system's words, not its number. */
  private static int errno(Exception e) {
    String m = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (m.contains("in use")) {
      return Errno.EADDRINUSE;
    }
    if (m.contains("cannot assign") || m.contains("can't assign") || m.contains("not available")) {
      return Errno.EADDRNOTAVAIL;
    }
    if (m.contains("permission") || m.contains("denied")) {
      return Errno.EACCES;
    }
    if (m.contains("too many open files")) {
      return Errno.EMFILE;
    }
    return e instanceof UnsupportedOperationException || m.contains("family")
        ? Errno.EAFNOSUPPORT
        : Errno.EIO;
  }

  DatagramChannel channel() {
    return channel;
  }

  @Override
  public SockAddr local() {
    return local;
  }

  @Override
  public PortFeatures features() {
    return new PortFeatures(false, false, false, false, dontFragment);
  }

  @Override
  public int receive(RxBatch batch, int handle) {
    int first = batch.count;
    int tail = first == 0 ? 0 : batch.off[first - 1] + batch.len[first - 1];
    ByteBuffer buffer = io.buffer;
    while (batch.slab.length - tail >= IoLimits.MAX_RUN_BYTES && batch.count < batch.len.length) {
      InetSocketAddress source;
      try {
        source = (InetSocketAddress) channel.receive(buffer.clear());
      } catch (IOException e) {
        break; // An ICMP answer to something sent: loss recovery deals with it.
      }
      if (source == null) {
        break;
      }
      int n = buffer.flip().remaining();
      if (n == 0) {
        continue;
      }
      buffer.get(batch.slab, tail, n);
      int i = batch.count++;
      batch.off[i] = tail;
      batch.len[i] = n;
      batch.ecn[i] = 0;
      batch.local[i] = local;
      batch.remote[i] = io.addresses.fromInet(source, local.family());
      batch.port[i] = handle;
      tail += n;
    }
    return batch.count - first;
  }

  @Override
  public void send(TxBatch batch) {
    SockAddr remote = batch.remote;
    if (remote == null || batch.len == 0 || closed) {
      return;
    }
    WireBytes.fetch(batch);
    tooBig = false;
    int sent =
        backlog.isEmpty()
            ? sendRun(batch.slab, batch.len, batch.segmentSize, remote, batch.ecn)
            : 0;
    batch.tooBig = tooBig;
    int rest = batch.len - sent;
    if (rest > 0
        && !backlog.add(
            batch.slab, sent, rest, batch.segmentSize, batch.local, remote, batch.ecn)) {
      drops += (rest + batch.segmentSize - 1) / batch.segmentSize;
    }
  }

  /** Bytes done with; fewer than {@code len} when the socket is full. */
  private int sendRun(byte[] slab, int len, int segment, SockAddr remote, byte ecn) {
    if (local.family() == QuicUapi.AF_INET && !remote.isV4()) {
      drops += (len + segment - 1) / segment;
      return len;
    }
    if (marks && ecn != mark) {
      mark = ecn;
      marks = set(channel, StandardSocketOptions.IP_TOS, (int) ecn);
    }
    InetSocketAddress to = io.addresses.toInet(remote);
    int at = 0;
    while (at < len) {
      int n = Math.min(segment, len - at);
      try {
        if (channel.send(io.buffer.clear().put(slab, at, n).flip(), to) == 0) {
          return at;
        }
      } catch (IOException e) {
        drops++; // No route, too big, filtered: loss, as on any network.
        tooBig |= String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("too long");
      }
      at += n;
    }
    return len;
  }

  @Override
  public boolean tellsDestination() {
    return false;
  }

  @Override
  public boolean wantsWrite() {
    return !backlog.isEmpty();
  }

  @Override
  public void flush() {
    for (TxBacklog.Entry e = backlog.peek(); e != null; e = backlog.peek()) {
      int sent = sendRun(e.bytes(), e.bytes().length, e.segmentSize(), e.remote(), e.ecn());
      if (sent < e.bytes().length) {
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
    closed = true;
    backlog.clear();
    closeQuietly(channel);
  }

  private static void closeQuietly(@Nullable DatagramChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The descriptor is gone either way.
    }
  }
}
