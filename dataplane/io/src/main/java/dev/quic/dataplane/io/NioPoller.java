package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The portable poller: a {@link Selector}. Knows no foreign descriptors. */
final class NioPoller implements Poller {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final NioIo io = new NioIo();
  private final BufferNotice notice;
  private final Selector selector;
  private final Consumer<SelectionKey> visitor = this::visit;
  private @Nullable Ready sink;

  NioPoller(BufferNotice notice) {
    this.notice = notice;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public UdpPort bind(SockAddr local, boolean reusePort, boolean v6only, int handle)
      throws BindException {
    if (v6only && local.isAny()) {
      // The JDK's IPv6 channels are of both families, which only shows on a wildcard.
      throw new BindException(Errno.EOPNOTSUPP);
    }
    NioUdpPort port = open(local, reusePort);
    try {
      port.channel().register(selector, SelectionKey.OP_READ, handle);
      return port;
    } catch (IOException e) {
      port.close();
      throw new BindException(Errno.EIO);
    }
  }

  private NioUdpPort open(SockAddr local, boolean reusePort) throws BindException {
    try {
      return NioUdpPort.bind(io, local, reusePort, notice);
    } catch (BindException e) {
      if (e.errno() != Errno.EADDRINUSE) {
        throw e;
      }
    }
    try {
      // A channel that was closed since the selector looked last has its address until it looks.
      selector.selectNow(key -> {});
    } catch (IOException e) {
      throw new BindException(Errno.EIO);
    }
    return NioUdpPort.bind(io, local, reusePort, notice);
  }

  @Override
  public int routeMtu(SockAddr local, SockAddr remote) {
    if (local.isAny()) {
      return 0;
    }
    try {
      // The interface that has the address, which is most often the one that is sent from.
      NetworkInterface out =
          NetworkInterface.getByInetAddress(io.addresses.toInet(local).getAddress());
      return out == null ? 0 : out.getMTU();
    } catch (SocketException e) {
      return 0;
    }
  }

  @Override
  public void watchWrites(UdpPort port, int handle, boolean on) {
    if (port instanceof NioUdpPort nio) {
      SelectionKey key = nio.channel().keyFor(selector);
      if (key != null && key.isValid()) {
        key.interestOps(SelectionKey.OP_READ | (on ? SelectionKey.OP_WRITE : 0));
      }
    }
  }

  @Override
  public int poll(long timeout, Ready ready) {
    sink = ready;
    try {
      if (timeout <= 0) {
        return selector.selectNow(visitor);
      }
      // Selectors know milliseconds; 0 would mean for ever.
      long millis = timeout == Long.MAX_VALUE ? 0 : (timeout - 1) / NANOS_PER_MILLI + 1;
      return selector.select(visitor, millis);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      sink = null;
    }
  }

  private void visit(SelectionKey key) {
    Ready ready = sink;
    if (ready == null) {
      return;
    }
    try {
      int events = (key.isReadable() ? FdHandler.IN : 0) | (key.isWritable() ? FdHandler.OUT : 0);
      ready.udp((Integer) key.attachment(), events);
    } catch (CancelledKeyException e) {
      // Closed since the selector looked.
    }
  }

  @Override
  public void wakeup() {
    selector.wakeup();
  }

  @Override
  public int watchFd(int fd, int events, FdHandler handler) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public int changeFd(int fd, int events) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public void close() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
