package dev.quic.resumption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.resumption.wire.UdpServer;
import dev.quic.resumption.wire.WireConnection;
import dev.quic.resumption.wire.WireServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Peers that would keep a server from its end, or end it. */
final class UdpServerTest {
  private final SecureRandom random = new SecureRandom();
  private final VirtualTime time = new VirtualTime();

  private List<byte[]> firstFlight(ServerSetup setup) {
    try (WireConnection client =
        WireConnection.client(setup.client(), WireConnection.limits(), new byte[0], random)) {
      client.start();
      return client.datagrams(0);
    }
  }

  @Test
  void anAddressThatCannotBeAnsweredEndsNothing() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    WireServer server = new WireServer(from -> new WireUnderTest(setup).each());
    InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    for (byte[] datagram : firstFlight(setup)) {
      server.receive(nobody, datagram, System.nanoTime());
    }
    AtomicInteger turns = new AtomicInteger();
    try (UdpServer port =
        new UdpServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      port.run(server, () -> turns.incrementAndGet() > 2);
    }
    assertThat(turns).hasValue(3);
  }

  @Test
  void aPeerThatSendsWithoutEndDoesNotKeepItFromItsEnd() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    AtomicInteger begun = new AtomicInteger();
    try (UdpServer port =
            new UdpServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        DatagramChannel peer = DatagramChannel.open().connect(port.address())) {
      Runnable sendAnother =
          () -> {
            try {
              for (byte[] datagram : firstFlight(setup)) {
                peer.write(ByteBuffer.wrap(datagram));
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          };
      WireServer server =
          new WireServer(from -> {
            begun.incrementAndGet();
            // Before this one was looked at, the next is there.
            sendAnother.run();
            return new WireUnderTest(setup).each();
          });
      sendAnother.run();
      port.run(server, () -> begun.get() > 0);
    }
    assertThat(begun.get()).isBetween(1, 100);
  }
}
