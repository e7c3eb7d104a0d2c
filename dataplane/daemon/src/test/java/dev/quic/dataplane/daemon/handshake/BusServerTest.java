package dev.quic.dataplane.daemon.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.TlsDone;
import dev.quic.consumer.TlsHandshakeArgs;
import dev.quic.consumer.TlsResult;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.dataplane.daemon.kernel.FakeTls;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlMessage;
import dev.quic.uapi.netlink.NlRequests;
import dev.quic.uapi.netlink.NlWriter;
import dev.quic.uds.PeerCredentials;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.DoorSocket;
import dev.quic.uds.door.NetlinkClient;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bus over real AF_UNIX sockets, with a daemon in the test's hands. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // JUnit
class BusServerTest {
  @TempDir Path temp;
  private DataPlane plane;
  private Path dir;
  private final ExecutorService pool = Executors.newCachedThreadPool();

  @BeforeEach
  void start() throws Exception {
    dir = temp.resolve("run");
    plane = DataPlane.builder().runDir(dir).shards(1).start();
  }

  @AfterEach
  void stop() {
    plane.close();
    pool.shutdownNow();
  }

  private QuicSocket connecting(InetSocketAddress to) throws QuicException {
    QuicSocket s = plane.sockets().socket(QuicUapi.AF_INET);
    s.connect(to);
    return s;
  }

  /** A socket whose handshake nobody will answer. */
  private QuicSocket lonely() throws QuicException {
    return connecting(new InetSocketAddress("127.0.0.1", 9));
  }

  private static int errnoOf(Future<Integer> f) throws Exception {
    try {
      f.get(20, TimeUnit.SECONDS);
      return 0;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof QuicException q) {
        return q.errno();
      }
      throw e;
    }
  }

  @Test
  void aHandshakeByDaemonsAndBytesAfterwards() throws Exception {
    QuicSocket listener = plane.sockets().socket(QuicUapi.AF_INET);
    listener.bind(new InetSocketAddress("127.0.0.1", 0));
    listener.listen(4);
    try (FakeDaemon one = new FakeDaemon(dir)) {
      Future<?> first =
          pool.submit(() -> {
            one.serveOne();
            return null;
          });
      QuicSocket client = connecting(listener.getsockname());
      CompletableFuture<Integer> up = plane.tls().clientHelloX509(client, "server.test", 5000);
      QuicSocket server = listener.accept();
      // Accepted by the same daemon once it is free, and while the client waits for it.
      try (FakeDaemon two = new FakeDaemon(dir)) {
        Future<?> second =
            pool.submit(() -> {
              two.serveOne();
              return null;
            });
        CompletableFuture<Integer> down = plane.tls().serverHelloX509(server, 5000);
        assertThat(up.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(down.get(20, TimeUnit.SECONDS)).isZero();
        first.get(20, TimeUnit.SECONDS);
        second.get(20, TimeUnit.SECONDS);
      }
      byte[] hello = {1, 2, 3};
      int last = QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN;
      client.sendmsg(QuicMsg.stream(0, last), hello, 0, 3);
      byte[] got = new byte[10];
      QuicMsg m = new QuicMsg();
      assertThat(server.recvmsg(m, got, 0, 10)).isEqualTo(3);
      assertThat(m.isFin()).isTrue();
      assertThat(plane.tls().tlsHandshakeCancel(client)).isFalse();
      assertThat(errnoOf(plane.tls().clientHelloX509(client, null, 0))).isEqualTo(Errno.EBUSY);
    }
  }

  @Test
  void nobodyListeningIsEsrchAtOnce() throws Exception {
    QuicSocket s = lonely();
    assertThat(plane.tls().tlsClientHelloX509(TlsHandshakeArgs.x509(s, (a, b) -> {}, null, 0)))
        .isEqualTo(-Errno.ESRCH);
    new FakeDaemon(dir).close();
    // Once the data plane has seen the daemon go, it is nobody again.
    int err;
    do {
      QuicSocket other = lonely();
      err = plane.tls().tlsClientHelloX509(TlsHandshakeArgs.x509(other, (a, b) -> {}, null, 0));
      other.close();
    } while (err == 0);
    assertThat(err).isEqualTo(-Errno.ESRCH);
  }

  @Test
  void theReplyCarriesTheRequest() throws Exception {
    try (FakeDaemon d = new FakeDaemon(dir)) {
      plane
          .tls()
          .tlsClientHelloX509(
              new TlsHandshakeArgs(
                  lonely(), (a, b) -> {}, "server.test", 3000, 7, 8, 9, List.of()));
      NetlinkClient.Accepted a = d.accept();
      assertThat(a.request().messageType()).isEqualTo(Nl.MSG_TYPE_CLIENTHELLO);
      assertThat(a.request().authMode()).isEqualTo(Nl.AUTH_X509);
      assertThat(a.request().peername()).isEqualTo("server.test");
      assertThat(a.request().timeoutMs()).isEqualTo(3000);
      assertThat(a.request().keyring()).isEqualTo(7);
      assertThat(a.request().cert()).isEqualTo(8);
      assertThat(a.request().privkey()).isEqualTo(9);
      assertThat(d.requests.accept()).isNull();
      SeqPacket.closeDescriptor(a.grant());
    }
  }

  @Test
  void aDaemonThatDropsItsGrantEndsTheRequestWithEio() throws Exception {
    try (FakeDaemon d = new FakeDaemon(dir)) {
      CompletableFuture<Integer> f = plane.tls().clientHelloX509(lonely(), null, 20_000);
      SeqPacket.closeDescriptor(d.accept().grant());
      assertThat(errnoOf(f)).isEqualTo(Errno.EIO);
    }
  }

  @Test
  void tagsAndTheChannelBindingReachTheConsumer() throws Exception {
    byte[] binding = new byte[Nl.CHANNEL_BINDING_BYTES];
    binding[31] = 9;
    for (int status : new int[] {0, Errno.EACCES}) {
      try (FakeDaemon d = new FakeDaemon(dir)) {
        CompletableFuture<TlsResult> told = new CompletableFuture<>();
        TlsDone done = TlsDone.of(told::complete);
        DoorSocket grant = served(d, done);
        List<String> tags = List.of("staff", "x");
        assertThat(d.requests.done(status, grant.data().number(), List.of(5), tags, binding))
            .isZero();
        TlsResult result = told.get(20, TimeUnit.SECONDS);
        assertThat(result.status()).isEqualTo(-status);
        assertThat(result.peerid()).isEqualTo(status == 0 ? 5 : 0);
        assertThat(result.tags()).hasSize(status == 0 ? 2 : 0);
        assertThat(result.channelBinding()).hasSize(status == 0 ? binding.length : 0);
        grant.close();
      }
    }
  }

  @Test
  void statusAndFirstPeerReachTheConsumer() throws Exception {
    try (FakeDaemon d = new FakeDaemon(dir)) {
      CompletableFuture<Integer> bad = plane.tls().clientHelloX509(lonely(), null, 20_000);
      NetlinkClient.Accepted a = d.accept();
      assertThat(d.requests.done(Errno.EKEYEXPIRED, a.grant(), List.of())).isZero();
      assertThat(errnoOf(bad)).isEqualTo(Errno.EKEYEXPIRED);
      assertThat(d.requests.done(0, a.grant(), List.of())).isZero();
      SeqPacket.closeDescriptor(a.grant());
      CompletableFuture<Integer> good = new CompletableFuture<>();
      try (DoorSocket b = served(d, (status, peer) -> good.complete(status == 0 ? peer : status))) {
        assertThat(d.requests.done(0, b.data().number(), List.of(41, 42, 43, 44, 45))).isZero();
        assertThat(good.get(20, TimeUnit.SECONDS)).isEqualTo(41);
      }
    }
  }

  /** A grant whose handshake is over but for DONE. */
  private DoorSocket served(FakeDaemon d, TlsDone done) throws Exception {
    QuicSocket listener = plane.sockets().socket(QuicUapi.AF_INET);
    listener.bind(new InetSocketAddress("127.0.0.1", 0));
    listener.listen(4);
    QuicSocket client = connecting(listener.getsockname());
    plane.tls().tlsClientHelloX509(TlsHandshakeArgs.x509(client, done, null, 20_000));
    DoorSocket grant = d.adopt(d.accept());
    Future<?> far =
        pool.submit(() -> {
          FakeTls.server(listener.accept());
          return null;
        });
    FakeTls.client(FakeDaemon.port(grant));
    far.get(20, TimeUnit.SECONDS);
    return grant;
  }

  @Test
  void successWithoutAHandshakeIsAnError() throws Exception {
    try (FakeDaemon d = new FakeDaemon(dir)) {
      CompletableFuture<Integer> f = plane.tls().clientHelloX509(lonely(), null, 20_000);
      NetlinkClient.Accepted a = d.accept();
      assertThat(d.requests.done(0, a.grant(), List.of(7))).isZero();
      assertThat(errnoOf(f)).isEqualTo(Errno.EIO);
      SeqPacket.closeDescriptor(a.grant());
    }
  }

  @Test
  void timeoutsComeFromTheDataPlaneAndLateDoneIsSwallowed() throws Exception {
    try (FakeDaemon d = new FakeDaemon(dir)) {
      CompletableFuture<Integer> f = plane.tls().clientHelloX509(lonely(), null, 50);
      NetlinkClient.Accepted a = d.accept();
      assertThat(errnoOf(f)).isEqualTo(Errno.ETIMEDOUT);
      assertThat(d.requests.done(0, a.grant(), List.of())).isZero();
      SeqPacket.closeDescriptor(a.grant());
    }
  }

  @Test
  void cancelAndCloseEndTheRequest() throws Exception {
    try (FakeDaemon d = new FakeDaemon(dir)) {
      QuicSocket s = lonely();
      CompletableFuture<Integer> f = plane.tls().clientHelloX509(s, null, 20_000);
      assertThat(plane.tls().tlsHandshakeCancel(s)).isTrue();
      assertThat(plane.tls().tlsHandshakeCancel(s)).isFalse();
      assertThat(errnoOf(f)).isEqualTo(Errno.ECANCELED);
      QuicSocket other = lonely();
      CompletableFuture<Integer> g = plane.tls().clientHelloX509(other, null, 20_000);
      other.close();
      assertThat(errnoOf(g)).isEqualTo(Errno.ECANCELED);
      assertThat(d.requests.accept()).isNull();
    }
  }

  @Test
  void aDaemonThatComesLateHearsOfWhatWaits() throws Exception {
    CompletableFuture<Integer> f;
    try (FakeDaemon asleep = new FakeDaemon(dir)) {
      f = plane.tls().clientHelloX509(lonely(), null, 20_000);
      asleep.awaitReady();
    }
    try (FakeDaemon successor = new FakeDaemon(dir)) {
      NetlinkClient.Accepted a = successor.accept();
      successor.requests.done(Errno.EACCES, a.grant(), List.of());
      assertThat(errnoOf(f)).isEqualTo(Errno.EACCES);
      SeqPacket.closeDescriptor(a.grant());
    }
  }

  @Test
  void doneNeedsTheGrant() throws Exception {
    try (FakeDaemon d = new FakeDaemon(dir)) {
      assertThat(d.requests.done(0, -1, List.of())).isEqualTo(-Errno.EBADF);
      SeqPacket[] foreign = SeqPacket.pair();
      assertThat(d.requests.done(0, foreign[0].number(), List.of())).isEqualTo(-Errno.EBUSY);
      foreign[0].close();
      foreign[1].close();
    }
  }

  @Test
  void aGrantRunsAHandshakeAndNothingElse() throws Exception {
    try (FakeDaemon d = new FakeDaemon(dir)) {
      CompletableFuture<Integer> f = plane.tls().clientHelloX509(lonely(), null, 20_000);
      NetlinkClient.Accepted a = d.accept();
      DoorSocket g = d.adopt(a);
      assertThat(g.getsockopt(QuicUapi.SOL_SOCKET, 38, new byte[0], 4)).hasSize(4);
      assertThat(g.getpeername().getPort()).isEqualTo(9);
      assertErrno(Errno.EPERM, () -> g.shutdown(2));
      assertErrno(Errno.EPERM, () -> g.bind(new InetSocketAddress("127.0.0.1", 0)));
      assertErrno(
          Errno.EPERM,
          () ->
              g.getsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, new byte[12], 12));
      assertErrno(Errno.EPERM, () -> g.openStream(new byte[12], 12));
      d.requests.done(Errno.EACCES, g.data().number(), List.of());
      assertThat(errnoOf(f)).isEqualTo(Errno.EACCES);
      assertErrno(Errno.EPIPE, g::getsockname);
      g.client().close();
      g.data().close();
    }
  }

  @Test
  void malformedInputIsAnsweredAndTheConnectionLives() throws Exception {
    try (SeqPacket bus = SeqPacket.connect(dir.resolve("netlink.sock"))) {
      byte[] garbage = new byte[40];
      garbage[0] = 120;
      bus.send(garbage, 0, garbage.length, -1);
      byte[] unknown =
          new NlWriter().begin(0x77, Nl.NLM_F_REQUEST, 5, 0).genl(1, 1).end().toBytes();
      bus.send(unknown, 0, unknown.length, -1);
      assertThat(error(bus)).isEqualTo(-Errno.ENOENT);
      byte[] accept = NlRequests.accept(1, 6, 0);
      accept[Nl.NLMSG_HDRLEN + 4] = 3;
      bus.send(accept, 0, accept.length, -1);
      assertThat(error(bus)).isEqualTo(-Errno.EINVAL);
      byte[] good = NlRequests.accept(1, 7, 0);
      bus.send(good, 0, good.length, -1);
      assertThat(error(bus)).isEqualTo(-Errno.EAGAIN);
    }
  }

  private static int error(SeqPacket bus) {
    byte[] in = new byte[SeqPacket.MAX_PACKET];
    int n = bus.receive(in, 20_000);
    NlMessage m = NlMessage.split(in, n).get(0);
    assertThat(m.type()).isEqualTo(Nl.NLMSG_ERROR);
    return m.payloadInt(0);
  }

  @Test
  void aSlowReaderLosesMessagesAndIsTold() throws Exception {
    try (SeqPacket slow = SeqPacket.connect(dir.resolve("netlink.sock"))) {
      byte[] ask = NlRequests.getFamily("handshake", 1, 0);
      byte[] in = new byte[SeqPacket.MAX_PACKET];
      boolean told = false;
      while (!told) {
        flood(slow, ask);
        // Nothing more to read and still not told: the server was slower than the flood.
        for (int n = 1; n > 0 && !told; ) {
          n = slow.receive(in, 1_000);
          told = n > 0 && isOverrun(NlMessage.split(in, n).get(0));
        }
      }
    }
  }

  private static boolean isOverrun(NlMessage m) {
    return m.type() == Nl.NLMSG_ERROR && m.payloadInt(0) == -Errno.ENOBUFS;
  }

  /** Requests without reading an answer, until neither side's buffer takes any more. */
  private void flood(SeqPacket slow, byte[] ask) throws Exception {
    int sent = 0;
    for (int quiet = 0; quiet < 50 && sent <= 20_000; ) {
      if (slow.trySend(ask, 0, ask.length, -1) > 0) {
        sent++;
        quiet = 0;
      } else {
        quiet++;
        plane.tls().tlsHandshakeCancel(lonely());
      }
    }
  }

  @Test
  void whoMayAccept() {
    AcceptPolicy p = new AcceptPolicy(1000, Set.of(2000L), Set.of(3000L));
    assertThat(p.allows(new PeerCredentials(1, 0, 5))).isTrue();
    assertThat(p.allows(new PeerCredentials(1, 1000, 5))).isTrue();
    assertThat(p.allows(new PeerCredentials(1, 2000, 5))).isTrue();
    assertThat(p.allows(new PeerCredentials(1, 1, 3000))).isTrue();
    assertThat(p.allows(new PeerCredentials(1, 1, 5))).isFalse();
    assertThat(p.allows(null)).isFalse();
    assertThat(new AcceptPolicy(-1, Set.of(), Set.of()).allows(new PeerCredentials(1, -1, 5)))
        .isFalse();
  }

  private interface Call {
    void run() throws Exception;
  }

  private static void assertErrno(int errno, Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            DoorClient.DoorException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }
}
