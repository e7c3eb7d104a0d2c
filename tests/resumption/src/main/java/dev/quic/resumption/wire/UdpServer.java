package dev.quic.resumption.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.BooleanSupplier;

/** A {@link WireServer} at a UDP port. {@link #run} blocks one thread, which owns the server. */
public final class UdpServer implements AutoCloseable {
  private static final int MAX_DATAGRAM = 65_527;
  private static final long MILLISECOND = 1_000_000;

  /** How often the end is thought of when nothing happens. */
  private static final long TICK = 200 * MILLISECOND;

  /** Datagrams read before the end and the timers are thought of: a peer may send without end. */
  private static final int BATCH = 64;

  private final DatagramChannel channel;
  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocate(MAX_DATAGRAM);

  public UdpServer(InetSocketAddress address) throws IOException {
    channel = DatagramChannel.open();
    channel.configureBlocking(false);
    channel.bind(address);
    selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
  }

  /** Where it listens. */
  public InetSocketAddress address() throws IOException {
    return (InetSocketAddress) channel.getLocalAddress();
  }

  /** Serves until it is enough; connections that are left are closed then. */
  public void run(WireServer server, BooleanSupplier enough) throws IOException {
    while (!enough.getAsBoolean()) {
      long wait = Math.min(TICK, Math.max(0, server.deadline() - System.nanoTime()));
      selector.select(wait / MILLISECOND + 1);
      selector.selectedKeys().clear();
      for (int i = 0; i < BATCH; i++) {
        buffer.clear();
        SocketAddress from = channel.receive(buffer);
        if (from == null) {
          break;
        }
        byte[] datagram = new byte[buffer.position()];
        buffer.flip().get(datagram);
        server.receive(from, datagram, System.nanoTime());
        send(server);
      }
      server.onTimer(System.nanoTime());
      send(server);
    }
    server.stop(System.nanoTime());
    send(server);
  }

  private void send(WireServer server) {
    for (WireServer.Outgoing out : server.take()) {
      try {
        channel.send(ByteBuffer.wrap(out.datagram()), out.to());
      } catch (IOException e) {
        // Lost: the address is the peer's, and one that cannot be reached is no reason to end.
      }
    }
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
