package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PairTest {
  private static final long SECOND = 1_000_000_000;

  static final class Ends {
    final World world;
    final Peer client;
    final List<Peer> accepted = new ArrayList<>();

    Ends(World world, Sock listener, Peer client) {
      this.world = world;
      this.client = client;
      listener.watch((s, mask) -> {
        Sock child;
        while ((child = s.accept(world.now)) != null) {
          Peer p = new Peer(world, child, true);
          accepted.add(p);
          p.ready();
        }
      });
    }

    @Nullable Peer server() {
      return accepted.isEmpty() ? null : accepted.get(0);
    }

    Peer needServer() {
      return accepted.get(0);
    }

    boolean established() {
      Peer s = server();
      return s != null
          && s.sock.state() == QuicUapi.QUIC_SS_ESTABLISHED
          && client.sock.state() == QuicUapi.QUIC_SS_ESTABLISHED;
    }
  }

  static Ends connect(World w) {
    return connect(w, s -> {}, true);
  }

  /**
   * As above.
   *
   * @param options set on both ends before there is a connection
   * @param accepts whether the server's program takes the client
   */
  static Ends connect(World w, Consumer<Sock> options, boolean accepts) {
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    options.accept(listener);
    assertThat(listener.bind(w.now, SockAddr.any(QuicUapi.AF_INET, 4433))).isZero();
    assertThat(listener.listen(w.now, 16)).isZero();
    Sock sock = w.client.net.socket(QuicUapi.AF_INET);
    options.accept(sock);
    assertThat(sock.connect(w.now, w.serverAddress())).isZero();
    Peer client = new Peer(w, sock, false);
    Ends ends = new Ends(w, listener, client);
    if (!accepts) {
      listener.watch(null);
    }
    client.tls.start(w.now);
    return ends;
  }

  private static byte[] random(int n, long seed) {
    byte[] b = new byte[n];
    new Random(seed).nextBytes(b);
    return b;
  }

  private static void transferBothWays(World w, long limit) {
    Ends e = connect(w);
    assertThat(w.run(limit, e::established)).as("established").isTrue();
    Peer server = e.needServer();
    byte[] up = random(1 << 20, 1);
    byte[] down = random(1 << 20, 2);
    e.client.send(0, up);
    server.send(1, down);
    assertThat(w.run(limit, () -> server.finished(0) && e.client.finished(1)))
        .as("finished at %s", w.now)
        .isTrue();
    assertThat(server.bytes(0)).isEqualTo(up);
    assertThat(e.client.bytes(1)).isEqualTo(down);
  }

  @Test
  void handshakeAndOneMebibyteBothWays() {
    transferBothWays(new World(1), 60 * SECOND);
  }

  @Test
  void survivesLossReorderingAndDuplication() {
    for (long seed = 1; seed <= 20; seed++) {
      World w = new World(seed);
      w.loss = 0.05;
      w.reorder = 0.1;
      w.duplicate = 0.05;
      transferBothWays(w, 600 * SECOND);
    }
  }
}
