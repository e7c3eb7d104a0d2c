package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Two programs whose sockets are connected, and the server's listener. The server does what the
 * client's text asks for, as the kernel's function test has it.
 */
final class Programs {
  static final long SECOND = 1_000_000_000;
  static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;
  static final int FIN = QuicUapi.MSG_QUIC_STREAM_FIN;
  static final int UNI = QuicUapi.MSG_QUIC_STREAM_UNI;
  static final int DONTWAIT = QuicUapi.MSG_QUIC_STREAM_DONTWAIT;

  final World world;
  final Sock listener;
  final Program client;
  final Program server;

  private Programs(World world, Sock listener, Program client, Program server) {
    this.world = world;
    this.listener = listener;
    this.client = client;
    this.server = server;
  }

  static Programs established(long seed) {
    return established(seed, s -> {});
  }

  /**
   * @param before gets the listener and the client's socket before they are used
   */
  static Programs established(long seed, Consumer<Sock> before) {
    World w = new World(seed);
    w.certificateBytes = 100;
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    before.accept(listener);
    assertThat(listener.bind(w.now, w.serverAddress())).isZero();
    assertThat(listener.listen(w.now, 4)).isZero();
    Sock sock = w.client.net.socket(QuicUapi.AF_INET);
    before.accept(sock);
    assertThat(sock.connect(w.now, w.serverAddress())).isZero();
    FakeTls one = tls(w, sock, false);
    sock.watch((s, mask) -> one.step(w.now));
    one.start(w.now);
    Sock[] child = new Sock[1];
    listener.watch((s, mask) -> {
      Sock got = s.accept(w.now);
      if (got != null) {
        child[0] = got;
        FakeTls two = tls(w, got, true);
        got.watch((x, bits) -> two.step(w.now));
        two.step(w.now);
      }
    });
    boolean done =
        w.run(
            10 * SECOND,
            () ->
                child[0] != null
                    && child[0].state() == QuicUapi.QUIC_SS_ESTABLISHED
                    && sock.state() == QuicUapi.QUIC_SS_ESTABLISHED);
    assertThat(done).as("established").isTrue();
    w.run(SECOND, () -> false);
    return new Programs(w, listener, new Program(w, sock), new Program(w, child[0]));
  }

  private static FakeTls tls(World w, Sock s, boolean server) {
    FakeTls t = new FakeTls(s, server);
    t.cipher = w.cipher;
    t.certificateBytes = w.certificateBytes;
    return t;
  }

  /** The server's answer to the next stream that ends: an echo, with the end of the stream. */
  void serve() {
    Map<Long, String> texts = new HashMap<>();
    Program.Got got;
    do {
      got = server.recv();
      assertThat(got.n()).as("server reads").isNotNegative();
      texts.merge(got.stream(), got.text(), String::concat);
    } while (!got.fin());
    String all = texts.getOrDefault(got.stream(), "");
    long stream = got.stream();
    long answer = (stream & 2) != 0 ? -1 : stream;
    int flags = (stream & 2) != 0 ? NEW | UNI | FIN : FIN;
    assertThat(server.send(all, answer, flags)).isEqualTo(all.length());
  }

  /** Sends a whole stream and reads what comes back. */
  Program.Got exchange(String text, long stream, int flags) {
    assertThat(client.send(text, stream, flags | FIN)).as(text).isEqualTo(text.length());
    serve();
    Program.Got got = client.recv();
    assertThat(got.text()).isEqualTo(text);
    return got;
  }

  SockAddr at(int address, int port) {
    return SockAddr.v4(address, port);
  }
}
