package dev.quic.resumption;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Endpoint;
import dev.quic.simnet.Node;
import dev.quic.simnet.Program;
import dev.quic.simnet.Sim;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The data plane's core and the handshake daemon's TLS as the server under test. */
final class CoreUnderTest implements VirtualServer {
  // TEST-NET-1 (RFC 5737).
  private static final SockAddr SERVER = SockAddr.v4(0xc0000202, 0);
  private static final SockAddr CLIENT = SockAddr.v4(0xc0000201, 0);
  private static final int PORT = 443;
  private static final int BACKLOG = 64;
  private static final int TRANSPORT_PARAM = 56;
  private static final int MAX_DATA_OFFSET = 24;

  private final ServerSetup setup;
  private final Endpoint endpoint;
  private final List<Answer> outbox = new ArrayList<>();
  private final Sock listener;
  private int early;

  CoreUnderTest(ServerSetup setup, long seed) {
    this.setup = setup;
    endpoint = new Endpoint("server", SERVER, EventSink.NONE, seed);
    // Closes the ring: what the endpoint sends ends here.
    new Sim(List.of(endpoint, new Outlet()));
    listener = endpoint.net().socket(QuicUapi.AF_INET);
    must(listener.bind(Sim.START, SERVER.withPort(PORT)));
    set(listener, QuicUapi.QUIC_SOCKOPT_ALPN, String.join(",", setup.tls().alpn()));
    byte[] on = {1, 0, 0, 0};
    must(
        listener.setsockopt(
            Sim.START, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_EARLY_DELIVERY, on));
    must(listener.listen(Sim.START, BACKLOG));
    endpoint.attach(listener, this::accept);
  }

  private static void set(Sock sock, int option, String text) {
    must(
        sock.setsockopt(
            Sim.START, QuicUapi.SOL_QUIC, option, text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Requests that were delivered before their handshake was complete. */
  int early() {
    return early;
  }

  /** What connections allow from now on. */
  void maxData(long now, long bytes) {
    byte[] v = new byte[TRANSPORT_PARAM];
    ByteBuffer.wrap(v).order(ByteOrder.LITTLE_ENDIAN).putLong(MAX_DATA_OFFSET, bytes);
    must(listener.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v));
  }

  private void accept(long now, Sock sock, int mask) {
    for (Sock n = sock.accept(now); n != null; n = sock.accept(now)) {
      endpoint.attach(n, new Connection(n));
    }
  }

  /** A handshake, then an answer to each stream. */
  private final class Connection implements Program {
    private final Sock sock;
    private final CoreTls tls;
    private final byte[] buffer = new byte[4_096];
    private boolean closed;

    Connection(Sock sock) {
      this.sock = sock;
      this.tls = new CoreTls(sock, setup.tls());
    }

    @Override
    public void ready(long now, Sock s, int mask) {
      tls.run(now);
      serve(now);
    }

    private void serve(long now) {
      Msg msg = new Msg();
      while (!closed) {
        int n = sock.recvmsg(now, msg.reset(), buffer, 0, buffer.length);
        if (n == -Errno.EAGAIN) {
          return;
        }
        if (n < 0) {
          closed = true;
          sock.close(now);
          return;
        }
        boolean end = (msg.streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN) != 0;
        if (msg.cmsg == QuicUapi.QUIC_STREAM_INFO && end) {
          early += tls.over() ? 0 : 1;
          byte[] answer = "hello".getBytes(StandardCharsets.US_ASCII);
          Msg out = new Msg().stream(msg.streamId, QuicUapi.MSG_QUIC_STREAM_FIN);
          must(sock.sendmsg(now, out, answer, 0, answer.length));
        }
      }
    }
  }

  @Override
  public void receive(int port, byte[] datagram, long now) {
    Datagram d = new Datagram(datagram, CLIENT.withPort(port), SERVER.withPort(PORT), (byte) 0);
    endpoint.accept(now, d);
    endpoint.run(now);
  }

  @Override
  public List<Answer> take(long now) {
    List<Answer> out = List.copyOf(outbox);
    outbox.clear();
    return out;
  }

  @Override
  public long deadline() {
    return endpoint.deadline();
  }

  @Override
  public void onTimer(long now) {
    endpoint.run(now);
  }

  private static void must(int rc) {
    if (rc < 0) {
      throw new IllegalStateException(Errno.name(rc));
    }
  }

  /** Where the ring ends. */
  private final class Outlet extends Node {
    @Override
    public void accept(long now, Datagram d) {
      outbox.add(new Answer(d.to.port(), d.bytes));
    }
  }
}
