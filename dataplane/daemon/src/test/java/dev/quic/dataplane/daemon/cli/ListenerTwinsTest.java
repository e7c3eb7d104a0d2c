package dev.quic.dataplane.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.daemon.kernel.FakeTls;
import dev.quic.dataplane.io.LinuxSupport;
import dev.quic.dataplane.io.ShardStats.Counter;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A listener of a data plane with several shards serves its clients on all of them. */
@Timeout(120)
class ListenerTwinsTest {
  private static final int SHARDS = 4;

  /** That one shard gets none of so many clients happens once in 25 million times. */
  private static final int CLIENTS = 64;

  private static final int SO_RCVBUF = 8;
  private static final int ASKED = 300_000;
  private static final SockAddr LOOPBACK = SockAddr.v4(0x7f00_0001, 0);
  private static final Duration SOON = Duration.ofSeconds(20);

  private final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();
  private final Collection<QuicSocket> open = ConcurrentHashMap.newKeySet();
  private DataPlane server;
  private DataPlane client;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(LinuxSupport.available(), "only Linux deals out clients among ports");
    server = DataPlane.builder().shards(SHARDS).start();
    client = DataPlane.builder().shards(1).start();
  }

  @AfterEach
  void stop() {
    open.forEach(QuicSocket::close);
    pool.shutdownNow();
    if (client != null) {
      client.close();
      server.close();
    }
  }

  private QuicSocket listener(int port) throws Exception {
    QuicSocket s = server.sockets().socket(QuicUapi.AF_INET);
    open.add(s);
    s.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    s.listen(CLIENTS);
    return s;
  }

  /** How many sockets of a kind each shard has. */
  private List<Long> count(Predicate<Sock> kind) throws InterruptedException {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < SHARDS; i++) {
      long[] n = new long[1];
      server
          .shards()
          .get(i)
          .call((net, now) -> {
            net.forEachSock(s -> n[0] += kind.test(s) ? 1 : 0);
            return 0;
          });
      all.add(n[0]);
    }
    return all;
  }

  private void awaitTwins() {
    await()
        .atMost(SOON)
        .until(() ->
            count(s -> s.state() == QuicUapi.QUIC_SS_LISTENING).stream().allMatch(n -> n == 1));
  }

  private QuicSocket serve(QuicSocket listener) throws Exception {
    QuicSocket s = listener.accept();
    open.add(s);
    FakeTls.server(s);
    return s;
  }

  private QuicSocket connect(InetSocketAddress at) throws Exception {
    QuicSocket s = client.sockets().socket(QuicUapi.AF_INET);
    open.add(s);
    s.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    s.connect(at);
    FakeTls.client(s);
    return s;
  }

  /** All of them, the server's ends first. */
  private List<List<QuicSocket>> connectAll(QuicSocket listener) throws Exception {
    InetSocketAddress at = listener.getsockname();
    List<Future<QuicSocket>> servers = new ArrayList<>();
    List<Future<QuicSocket>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      servers.add(pool.submit(() -> serve(listener)));
      clients.add(pool.submit(() -> connect(at)));
    }
    List<List<QuicSocket>> ends = List.of(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < CLIENTS; i++) {
      ends.get(0).add(servers.get(i).get(60, TimeUnit.SECONDS));
      ends.get(1).add(clients.get(i).get(60, TimeUnit.SECONDS));
    }
    return ends;
  }

  /** Each client sends a message; each connection of the server answers. */
  private void exchange(List<List<QuicSocket>> ends) throws Exception {
    List<Future<?>> all = new ArrayList<>();
    for (QuicSocket s : ends.get(0)) {
      all.add(
          pool.submit(() -> {
            QuicMsg m = message(s, 50);
            return s.sendmsg(
                QuicMsg.stream(m.streamId, QuicUapi.MSG_QUIC_STREAM_FIN), new byte[60], 0, 60);
          }));
    }
    for (QuicSocket c : ends.get(1)) {
      int flags = QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN;
      c.sendmsg(QuicMsg.stream(-1, flags), new byte[50], 0, 50);
      all.add(pool.submit(() -> message(c, 60)));
    }
    for (Future<?> f : all) {
      f.get(60, TimeUnit.SECONDS);
    }
  }

  /** The next message of a stream; events pass. */
  private static QuicMsg message(QuicSocket s, int length) throws Exception {
    QuicMsg m = new QuicMsg();
    byte[] buf = new byte[200];
    while (true) {
      m.flags = 0;
      int n = s.recvmsg(m, buf, 0, buf.length);
      if (m.cmsg == QuicUapi.QUIC_STREAM_INFO) {
        assertThat(n).isEqualTo(length);
        return m;
      }
    }
  }

  private static int free() throws IOException {
    try (DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return s.getLocalPort();
    }
  }

  private long forwarded() {
    return server.shards().all().stream().mapToLong(s -> s.stats().get(Counter.FORWARDED)).sum();
  }

  @Test
  void everyShardServesClients() throws Exception {
    QuicSocket listener = listener(0);
    awaitTwins();
    exchange(connectAll(listener));
    assertThat(count(s -> s.state() == QuicUapi.QUIC_SS_ESTABLISHED)).doesNotContain(0L);
    assertThat(server.socketCount()).isEqualTo(CLIENTS + 1);
  }

  /** From another port the hash of the addresses leads elsewhere, the connection id does not. */
  @Test
  void clientsThatMoveComeToTheirShard() throws Exception {
    QuicSocket listener = listener(0);
    awaitTwins();
    List<List<QuicSocket>> ends = connectAll(listener);
    exchange(ends);
    long before = forwarded();
    for (QuicSocket c : ends.get(1)) {
      SockAddr to = LOOPBACK.withPort(free());
      byte[] there = SockAddrCodec.encode(to);
      c.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONNECTION_MIGRATION, there);
      await().atMost(SOON).until(() -> c.getsockname().getPort() == to.port());
    }
    exchange(ends);
    assertThat(forwarded()).isEqualTo(before);
  }

  @Test
  void whatIsSetOnTheListenerLaterHoldsOnEveryShard() throws Exception {
    QuicSocket listener = listener(0);
    byte[] size = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(ASKED).array();
    listener.setsockopt(QuicUapi.SOL_SOCKET, SO_RCVBUF, size);
    byte[] set = listener.getsockopt(QuicUapi.SOL_SOCKET, SO_RCVBUF, new byte[0], 4);
    awaitTwins();
    // A twin is told in the order in which its shard is asked.
    var unused = count(s -> true);
    Set<String> keys = ConcurrentHashMap.newKeySet();
    for (QuicSocket s : connectAll(listener).get(0)) {
      assertThat(s.getsockopt(QuicUapi.SOL_SOCKET, SO_RCVBUF, new byte[0], 4)).isEqualTo(set);
      keys.add(
          HexFormat.of()
              .formatHex(
                  s.getsockopt(
                      QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, new byte[0], 64)));
    }
    assertThat(keys).as("a client may come back to any shard").hasSize(1);
  }

  /** What their peers answer comes to the shard in their ids, whatever the addresses say. */
  @Test
  void clientsOnAListenersPortReachTheirServer() throws Exception {
    QuicSocket ours = listener(0);
    awaitTwins();
    QuicSocket theirs = client.sockets().socket(QuicUapi.AF_INET);
    open.add(theirs);
    theirs.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    theirs.listen(CLIENTS);
    for (int i = 0; i < 12; i++) {
      Future<QuicSocket> accepted = pool.submit(() -> serve(theirs));
      QuicSocket c = server.sockets().socket(QuicUapi.AF_INET);
      open.add(c);
      c.bind(ours.getsockname());
      c.connect(theirs.getsockname());
      FakeTls.client(c);
      exchange(List.of(List.of(accepted.get(30, TimeUnit.SECONDS)), List.of(c)));
    }
  }

  @Test
  void thePortIsNobodyElses() throws Exception {
    QuicSocket ours = listener(0);
    awaitTwins();
    int port = ours.getsockname().getPort();
    assertRefused(server, new InetSocketAddress("0.0.0.0", port));
    assertRefused(client, new InetSocketAddress("0.0.0.0", port));
    assertRefused(client, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private void assertRefused(DataPlane plane, InetSocketAddress at) throws QuicException {
    QuicSocket s = plane.sockets().socket(QuicUapi.AF_INET);
    open.add(s);
    assertThatThrownBy(() -> s.bind(at))
        .isInstanceOfSatisfying(
            QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE));
  }

  @Test
  void aClosedListenerLeavesItsPortAndNoTwins() throws Exception {
    int port = 0;
    for (int i = 0; i < 50; i++) {
      QuicSocket listener = listener(port);
      port = listener.getsockname().getPort();
      listener.close();
    }
    await().atMost(SOON).until(() -> count(s -> true).stream().allMatch(n -> n == 0));
  }

  /** The connections keep the port open on their shards. */
  @Test
  void anotherListenerTakesOverFromOneThatIsClosed() throws Exception {
    QuicSocket first = listener(0);
    awaitTwins();
    List<List<QuicSocket>> ends = connectAll(first);
    int port = first.getsockname().getPort();
    first.close();
    QuicSocket second = listener(port);
    awaitTwins();
    List<List<QuicSocket>> more = connectAll(second);
    exchange(ends);
    exchange(more);
  }
}
