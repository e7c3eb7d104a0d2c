package dev.quic.resumption.wire;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A server at a UDP address. Any thread; a {@link Wire} belongs to one. */
public final class UdpTarget implements Target {
  private static final int MAX_DATAGRAM = 65_527;
  private static final long MILLISECOND = 1_000_000;

  private final InetSocketAddress address;

  public UdpTarget(InetSocketAddress address) {
    this.address = address;
  }

  @Override
  public Wire open() throws IOException {
    return new Port(address);
  }

  @Override
  public void pause(long nanos) throws IOException {
    try {
      Thread.sleep(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting");
    }
  }

  @Override
  public String toString() {
    return address.toString();
  }

  private static final class Port implements Wire {
    private final DatagramChannel channel;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(MAX_DATAGRAM);

    Port(InetSocketAddress address) throws IOException {
      channel = DatagramChannel.open();
      channel.configureBlocking(false);
      channel.connect(address);
      selector = Selector.open();
      channel.register(selector, SelectionKey.OP_READ);
    }

    @Override
    public void send(byte[] datagram) throws IOException {
      try {
        channel.write(ByteBuffer.wrap(datagram));
      } catch (PortUnreachableException e) {
        // Of an earlier datagram: a server that restarts is back for a later one.
      }
    }

    @Override
    public byte @Nullable [] receive(long deadline) throws IOException {
      while (true) {
        buffer.clear();
        try {
          if (channel.read(buffer) > 0) {
            byte[] datagram = new byte[buffer.position()];
            buffer.flip().get(datagram);
            return datagram;
          }
        } catch (PortUnreachableException e) {
          // As above.
        }
        long left = deadline - now();
        if (left <= 0) {
          return null;
        }
        selector.select(left / MILLISECOND + 1);
        selector.selectedKeys().clear();
      }
    }

    @Override
    public long now() {
      return System.nanoTime();
    }

    @Override
    public void close() throws IOException {
      selector.close();
      channel.close();
    }
  }
}
