package dev.quic.resumption;

import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.resumption.wire.Request;
import dev.quic.resumption.wire.WireServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The harness's own server as the one under test. */
final class WireUnderTest implements VirtualServer {
  private final ServerSetup setup;
  private final WireServer server;
  private int early;

  WireUnderTest(ServerSetup setup) {
    this.setup = setup;
    this.server = new WireServer(from -> each());
  }

  /** Requests that came in 0-RTT. */
  int early() {
    return early;
  }

  /** What it does with a connection. */
  WireServer.Setup each() {
    return new Each();
  }

  private final class Each implements WireServer.Setup {
    @Override
    public TlsConfig.Server tls() {
      return setup.tls();
    }

    @Override
    public TransportParams limits() {
      return setup.limits;
    }

    @Override
    public byte[] answer(Request request) {
      if (request.early()) {
        early++;
      }
      return "hello".getBytes(StandardCharsets.US_ASCII);
    }
  }

  @Override
  public void receive(int port, byte[] datagram, long now) {
    server.receive(InetSocketAddress.createUnresolved("client", port), datagram, now);
  }

  @Override
  public List<Answer> take(long now) {
    return server.take().stream()
        .map(o -> new Answer(((InetSocketAddress) o.to()).getPort(), o.datagram()))
        .toList();
  }

  @Override
  public long deadline() {
    return server.deadline();
  }

  @Override
  public void onTimer(long now) {
    server.onTimer(now);
  }
}
