package dev.quic.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Messages by bare UDP, one datagram and one call each, from many ports to one. */
public final class BareActive implements AutoCloseable {
  private static final int BUFFER = 4 << 20;
  private static final int LARGEST = 2_048;
  private static final long SETTLE_MILLIS = 300;

  private final int size;
  private final double seconds;
  private final DatagramChannel server;
  private final List<DatagramChannel> clients = new ArrayList<>();
  private final Stamps stamps;
  private final Thread receiver;

  /**
   * @param size bytes of a message
   * @param seconds of a trial
   */
  public BareActive(int ports, int size, double seconds) throws Exception {
    this.size = size;
    this.seconds = seconds;
    stamps = new Stamps(ports);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    server = DatagramChannel.open().bind(new InetSocketAddress(loopback, 0));
    server.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
    for (int i = 0; i < ports; i++) {
      clients.add(DatagramChannel.open().connect(server.getLocalAddress()));
    }
    receiver = Thread.ofPlatform().name("bare").start(this::receive);
  }

  private void receive() {
    ByteBuffer in = ByteBuffer.allocateDirect(LARGEST);
    try {
      while (true) {
        in.clear();
        server.receive(in);
        in.flip();
        stamps.arrived((int) in.getLong(8), in.getLong(0));
      }
    } catch (AsynchronousCloseException e) {
      // That is all.
      return;
    } catch (IOException e) {
      IdleLoad.say("bench bare: " + e);
    }
  }

  /** One trial. */
  public RateSearch.Outcome at(double rate) throws Exception {
    stamps.reset();
    ByteBuffer out = ByteBuffer.allocateDirect(size);
    long sent =
        Pace.run(
            rate,
            seconds,
            (number, stamp) -> {
              int port = (int) (number % clients.size());
              out.clear();
              out.putLong(0, stamp).putLong(8, port);
              clients.get(port).write(out);
            });
    TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
    return stamps.outcome(sent, seconds);
  }

  @Override
  public void close() throws Exception {
    server.close();
    receiver.join();
    for (DatagramChannel c : clients) {
      c.close();
    }
  }
}
