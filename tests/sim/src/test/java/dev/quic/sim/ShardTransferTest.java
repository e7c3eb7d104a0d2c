package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.io.LinuxSupport;
import dev.quic.dataplane.io.MonotonicClock;
import dev.quic.dataplane.io.Shard;
import dev.quic.dataplane.io.ShardConfig;
import dev.quic.dataplane.io.ShardStats.Counter;
import dev.quic.dataplane.io.Shards;
import dev.quic.dataplane.io.UdpMode;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same programs on real shards over loopback UDP, with the fake TLS. */
class ShardTransferTest {
  private static final SockAddr V4 = SockAddr.v4(0x7f000001, 0);
  private static final SockAddr V6 = SockAddr.v6(0, 1, 0, 0);
  private static final int SECONDS = 60;
  private static final long SEED = 7;

  static Stream<Arguments> modes() {
    Stream.Builder<Arguments> b = Stream.builder();
    for (SockAddr a : List.of(V4, V6)) {
      b.add(Arguments.of(UdpMode.NIO, UdpMode.NIO, a));
      if (LinuxSupport.available()) {
        b.add(Arguments.of(UdpMode.LINUX, UdpMode.LINUX, a));
        b.add(Arguments.of(UdpMode.NIO, UdpMode.LINUX, a));
        b.add(Arguments.of(UdpMode.LINUX, UdpMode.NIO, a));
      }
    }
    return b.build();
  }

  private final ConcurrentLinkedQueue<String> notices = new ConcurrentLinkedQueue<>();

  private Shards shards(UdpMode mode, int count) {
    return Shards.start(
        count, i -> new ShardConfig(mode, i, count), i -> EventSink.NONE, notices::add);
  }

  /** Listens on a shard; the port it got. */
  private static SockAddr listen(Shard shard, SockAddr where, long bytes, CountDownLatch done)
      throws InterruptedException {
    return listen(shard, where, bytes, done, null);
  }

  /** The same, with a preferred address. */
  private static SockAddr listen(
      Shard shard, SockAddr where, long bytes, CountDownLatch done, @Nullable SockAddr preferred)
      throws InterruptedException {
    return shard.call((net, now) -> {
      Sock s = net.socket(where.family());
      assertThat(s.bind(now, where)).isZero();
      if (preferred != null) {
        byte[] v = SockAddrCodec.encode(preferred);
        int option = QuicUapi.QUIC_SOCKOPT_PREFERRED_ADDRESS;
        assertThat(s.setsockopt(now, QuicUapi.SOL_QUIC, option, v)).isZero();
      }
      assertThat(s.listen(now, 1_100)).isZero();
      s.watch((l, mask) -> {
        for (Sock n = l.accept(now()); n != null; n = l.accept(now())) {
          watch(n, peer(n, true, bytes), done);
        }
      });
      return s.sockname();
    });
  }

  private static long now() {
    return MonotonicClock.now();
  }

  private static Peer peer(Sock s, boolean server, long bytes) {
    return new Peer(
        s,
        new FakeTls(s, server, TlsScript.plain()),
        new Transfer(s, server, 1, bytes, bytes, SEED));
  }

  private static void watch(Sock s, Peer p, CountDownLatch done) {
    boolean[] told = {false};
    s.watch((k, mask) -> {
      p.ready(now(), k, mask);
      if (p.done() && !told[0]) {
        told[0] = true;
        done.countDown();
      }
    });
    p.ready(now(), s, 0);
  }

  private static Peer connect(QuicNet net, SockAddr to, long bytes, CountDownLatch done) {
    Sock s = net.socket(to.family());
    assertThat(s.connect(now(), to)).isZero();
    Peer p = peer(s, false, bytes);
    watch(s, p, done);
    return p;
  }

  @ParameterizedTest(name = "{0} -> {1}, {2}")
  @MethodSource("modes")
  void carriesMegabytesBothWays(UdpMode clientMode, UdpMode serverMode, SockAddr where)
      throws Exception {
    long bytes = 16 << 20;
    try (Shards client = shards(clientMode, 1);
        Shards server = shards(serverMode, 1)) {
      CountDownLatch done = new CountDownLatch(2);
      SockAddr at = listen(server.get(0), where, bytes, done);
      long start = System.nanoTime();
      Peer p = client.get(0).call((net, now) -> connect(net, at, bytes, done));
      boolean finished = done.await(SECONDS, TimeUnit.SECONDS);
      double seconds = (System.nanoTime() - start) / 1e9;
      String state = client.get(0).call((net, now) -> p.toString());
      assertThat(finished)
          .as("%s; %s; %s; %s", state, client.get(0).stats(), server.get(0).stats(), notices)
          .isTrue();
      assertThat(notices).isEmpty();
      System.out.printf(
          Locale.ROOT,
          "%s -> %s: %.2f Gbit/s both ways, %.1f datagrams a send%n",
          clientMode,
          serverMode,
          2 * bytes * 8 / seconds / 1e9,
          (double) client.get(0).stats().get(Counter.TX_DATAGRAMS)
              / client.get(0).stats().get(Counter.TX_BATCHES));
    }
  }

  /**
   * Connections of two shards with one preferred address: the system hands what comes there to
   * either shard's port, and it is passed on to the owner.
   */
  @ParameterizedTest
  @MethodSource("kinds")
  void movedConnectionsStayWithTheirShard(UdpMode mode) throws Exception {
    int each = 8;
    long bytes = 200_000;
    try (Shards client = shards(mode, 1);
        Shards server = shards(mode, 2)) {
      CountDownLatch done = new CountDownLatch(4 * each);
      SockAddr preferred = freeAddress();
      List<Sock> socks = new ArrayList<>();
      for (int shard = 0; shard < 2; shard++) {
        SockAddr at = listen(server.get(shard), V4, bytes, done, preferred);
        for (int i = 0; i < each; i++) {
          client.get(0).call((net, now) -> socks.add(connect(net, at, bytes, done).sock()));
        }
      }
      boolean finished = done.await(SECONDS, TimeUnit.SECONDS);
      String state = server.get(0).stats() + "; " + server.get(1).stats() + "; " + notices;
      assertThat(finished).as("%d left; %s", done.getCount(), state).isTrue();
      // Some are done before they have moved.
      await()
          .atMost(SECONDS, TimeUnit.SECONDS)
          .until(() -> moved(client.get(0), socks, preferred) == 2L * each);
      long forwarded =
          server.get(0).stats().get(Counter.FORWARDED)
              + server.get(1).stats().get(Counter.FORWARDED);
      assertThat(forwarded).as(state).isPositive();
    }
  }

  private static long moved(Shard shard, List<Sock> socks, SockAddr to)
      throws InterruptedException {
    return shard.call((net, now) -> socks.stream().filter(s -> to.equals(s.peername())).count());
  }

  /** Not by a socket of a shard, which may close its port a turn later. */
  private static SockAddr freeAddress() throws IOException {
    try (DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return V4.withPort(s.getLocalPort());
    }
  }

  static List<UdpMode> kinds() {
    return LinuxSupport.available() ? List.of(UdpMode.NIO, UdpMode.LINUX) : List.of(UdpMode.NIO);
  }

  static Stream<Arguments> wildcards() {
    List<UdpMode> kinds =
        LinuxSupport.available() ? List.of(UdpMode.NIO, UdpMode.LINUX) : List.of(UdpMode.NIO);
    SockAddr any4 = SockAddr.any(QuicUapi.AF_INET, 0);
    SockAddr any6 = SockAddr.any(QuicUapi.AF_INET6, 0);
    return kinds.stream()
        .flatMap(k ->
            Stream.of(
                Arguments.of(k, any4, V4), Arguments.of(k, any6, V6), Arguments.of(k, any6, V4)));
  }

  @ParameterizedTest(name = "{0}: {1} from {2}")
  @MethodSource("wildcards")
  void wildcardListenersServeEveryAddress(UdpMode mode, SockAddr bound, SockAddr from)
      throws Exception {
    long bytes = 100_000;
    try (Shards client = shards(mode, 1);
        Shards server = shards(mode, 1)) {
      CountDownLatch done = new CountDownLatch(2);
      SockAddr at = listen(server.get(0), bound, bytes, done);
      SockAddr to = from.withPort(at.port());
      Peer p = client.get(0).call((net, now) -> connect(net, to, bytes, done));
      boolean finished = done.await(SECONDS, TimeUnit.SECONDS);
      String state = client.get(0).call((net, now) -> p.toString());
      assertThat(finished)
          .as("%s; %s; %s", state, client.get(0).stats(), server.get(0).stats())
          .isTrue();
    }
  }

  @ParameterizedTest(name = "{0} -> {1}, {2}")
  @MethodSource("modes")
  void aThousandConnectionsNeedNoMoreThreads(UdpMode clientMode, UdpMode serverMode, SockAddr where)
      throws Exception {
    int connections = 1_000;
    long bytes = 5_000;
    try (Shards client = shards(clientMode, 1);
        Shards server = shards(serverMode, 1)) {
      CountDownLatch done = new CountDownLatch(2 * connections);
      SockAddr at = listen(server.get(0), where, bytes, done);
      int threads = Thread.activeCount();
      List<Peer> peers = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        peers.add(client.get(0).call((net, now) -> connect(net, at, bytes, done)));
      }
      boolean finished = done.await(SECONDS, TimeUnit.SECONDS);
      assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
      assertThat(finished)
          .as(
              "%d left of %d; %s; %s; %s",
              done.getCount(), peers.size(), client.get(0).stats(), server.get(0).stats(), notices)
          .isTrue();
      assertThat(notices).isEmpty();
    }
  }
}
