package dev.quic.handshaked.daemon.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.credential.CredentialCache;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.daemon.service.HandshakeService;
import dev.quic.handshaked.daemon.service.RequestWorker;
import dev.quic.handshaked.daemon.service.TlsPolicy;
import dev.quic.handshaked.daemon.service.WorkerPool;
import dev.quic.handshaked.daemon.trace.CallTrace;
import dev.quic.handshaked.tls.HandshakeDriver;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.handshaked.tls.HandshakeResult;
import dev.quic.handshaked.tls.HandshakeTrace;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.AcceptReply;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uds.door.RunDir;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole daemons over real sockets, with a data plane and peers made by the test. */
@Timeout(60)
final class DaemonTest {
  private static CertificateAuthority ca;
  private static Credentials server;

  @TempDir Path dir;
  private final List<HandshakeService> daemons = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private @Nullable FakeDataPlane plane;

  @BeforeAll
  static void certificates() throws Exception {
    ca = CertificateAuthority.create("test ca", Instant.now());
    server = ca.server("server.test");
  }

  @BeforeEach
  void files() throws Exception {
    CertificateAuthority.writeCertificates(dir.resolve("ca.pem"), List.of(ca.certificate()));
    CertificateAuthority.writeCertificates(dir.resolve("server.pem"), server.chain());
    CertificateAuthority.writeKey(dir.resolve("server.key"), server.key());
    Files.writeString(
        dir.resolve("config"),
        """
        [authenticate.client]
        x509.truststore = ca.pem
        [authenticate.server]
        x509.truststore = ca.pem
        x509.certificate = server.pem
        x509.private_key = server.key
        """);
  }

  @AfterEach
  void stop() throws Exception {
    daemons.forEach(HandshakeService::stop);
    for (Thread thread : threads) {
      thread.join();
    }
    if (plane != null) {
      plane.close();
    }
  }

  private FakeDataPlane startPlane() throws Exception {
    FakeDataPlane started = new FakeDataPlane(new RunDir(dir));
    plane = started;
    return started;
  }

  private void startDaemon() throws Exception {
    DaemonLog log = new DaemonLog(true);
    RequestWorker worker =
        new RequestWorker(
            ConfigSource.open(dir.resolve("config")),
            new TlsPolicy(new CredentialCache()),
            address -> null,
            CallTrace.NONE,
            log);
    HandshakeService service =
        new HandshakeService(
            () -> NetlinkBus.connect(new RunDir(dir)),
            new WorkerPool(8, worker::serveOne),
            log,
            dir.resolve("netlink.sock").toString(),
            () -> "bc");
    daemons.add(service);
    threads.add(Thread.ofPlatform().start(service::run));
  }

  private static AcceptReply request(int type, int timeoutMs) {
    return new AcceptReply(-1, type, "server.test", timeoutMs, 0, Nl.AUTH_X509, List.of(), 0, 0);
  }

  private static long deadline() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
  }

  private static CompletableFuture<HandshakeResult> serverPeer(HandshakePort port) {
    CompletableFuture<HandshakeResult> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() ->
            result.complete(
                HandshakeDriver.server(
                    port, () -> TlsConfig.Server.of(server), deadline(), HandshakeTrace.NONE)));
    return result;
  }

  private static CompletableFuture<HandshakeResult> clientPeer(HandshakePort port) {
    CompletableFuture<HandshakeResult> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() ->
            result.complete(
                HandshakeDriver.client(
                    port,
                    () -> TlsConfig.Client.of(ca.trustStore(), "server.test"),
                    deadline(),
                    HandshakeTrace.NONE)));
    return result;
  }

  /** A client request that must end well. */
  private static void clientSucceeds(FakeDataPlane plane) throws Exception {
    FakeGrant grant = new FakeGrant();
    Map<String, String> peerSecrets = new ConcurrentSkipListMap<>();
    CompletableFuture<HandshakeResult> peer = serverPeer(grant.peer(peerSecrets));
    plane.submit(request(Nl.MSG_TYPE_CLIENTHELLO, 20_000), grant);
    assertThat(grant.done.join()).isEqualTo(new FakeGrant.Done(0, List.of()));
    assertThat(peer.join().ok()).isTrue();
    assertThat(grant.secrets.get("send0")).isEqualTo(peerSecrets.get("recv0"));
    assertThat(grant.secrets.get("recv0")).isEqualTo(peerSecrets.get("send0"));
    // What is asked at the beginning; ClientHello; the handshake's secrets; the peer's parameters,
    // since this peer sends its messages one by one; all the rest.
    assertThat(grant.batches).hasSize(5);
  }

  @Test
  void servesAClientsRequest() throws Exception {
    FakeDataPlane data = startPlane();
    startDaemon();
    await().until(() -> data.members() == 1);
    clientSucceeds(data);
    await().until(() -> data.held() == null);
  }

  @Test
  void servesAServersRequest() throws Exception {
    FakeDataPlane data = startPlane();
    startDaemon();
    FakeGrant grant = new FakeGrant();
    CompletableFuture<HandshakeResult> peer = clientPeer(grant.peer(new ConcurrentSkipListMap<>()));
    data.submit(request(Nl.MSG_TYPE_SERVERHELLO, 20_000), grant);
    assertThat(grant.done.join().status()).isZero();
    assertThat(peer.join().alpn()).isEqualTo("sample");
  }

  @Test
  void aRequestOlderThanTheDaemonIsServed() throws Exception {
    FakeDataPlane data = startPlane();
    FakeGrant grant = new FakeGrant();
    CompletableFuture<HandshakeResult> peer = serverPeer(grant.peer(new ConcurrentSkipListMap<>()));
    data.submit(request(Nl.MSG_TYPE_CLIENTHELLO, 20_000), grant);
    startDaemon();
    assertThat(grant.done.join().status()).isZero();
    assertThat(peer.join().ok()).isTrue();
  }

  @Test
  void twoDaemonsShareTheWorkAndTheSlowerOneSleepsOn() throws Exception {
    FakeDataPlane data = startPlane();
    data.doubleReady = true;
    startDaemon();
    startDaemon();
    await().until(() -> data.members() == 2);
    for (int i = 0; i < 5; i++) {
      clientSucceeds(data);
    }
    // Four notifications a request, one of which finds it.
    await().until(() -> data.emptyAccepts == 15);
  }

  @Test
  void manyRequestsAtOnce() throws Exception {
    FakeDataPlane data = startPlane();
    startDaemon();
    await().until(() -> data.members() == 1);
    List<FakeGrant> grants = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      FakeGrant grant = new FakeGrant();
      grants.add(grant);
      serverPeer(grant.peer(new ConcurrentSkipListMap<>()));
      data.submit(request(Nl.MSG_TYPE_CLIENTHELLO, 20_000), grant);
    }
    for (FakeGrant grant : grants) {
      assertThat(grant.done.join().status()).isZero();
    }
  }

  @Test
  void comesBackWhenTheDataPlaneRestarts() throws Exception {
    FakeDataPlane first = startPlane();
    startDaemon();
    await().until(() -> first.members() == 1);
    clientSucceeds(first);
    first.close();
    FakeDataPlane second = startPlane();
    await().until(() -> second.members() == 1);
    clientSucceeds(second);
  }

  @Test
  void aSilentPeerTimesOut() throws Exception {
    FakeDataPlane data = startPlane();
    startDaemon();
    FakeGrant grant = new FakeGrant();
    // Long enough for a ClientHello on a busy machine.
    data.submit(request(Nl.MSG_TYPE_CLIENTHELLO, 4_000), grant);
    assertThat(grant.done.join().status()).isEqualTo(Errno.ETIMEDOUT);
    assertThat(grant.messages).isEqualTo(1);
  }

  @Test
  void anUnreadableServerKey() throws Exception {
    FakeDataPlane data = startPlane();
    Files.delete(dir.resolve("server.key"));
    startDaemon();
    FakeGrant grant = new FakeGrant();
    data.submit(request(Nl.MSG_TYPE_SERVERHELLO, 20_000), grant);
    assertThat(grant.done.join().status()).isEqualTo(Errno.ENOKEY);
    assertThat(grant.closeCode).isEqualTo(0x150);
  }

  @Test
  void aConnectionThatDiesUnderTheDaemon() throws Exception {
    FakeDataPlane data = startPlane();
    startDaemon();
    FakeGrant dead = new FakeGrant();
    dead.onMessage =
        n -> {
          try {
            dead.closed(0);
          } catch (java.io.IOException e) {
            dead.revoke();
          }
        };
    data.submit(request(Nl.MSG_TYPE_CLIENTHELLO, 20_000), dead);
    assertThat(dead.done.join().status()).isEqualTo(Errno.ENOTCONN);
    clientSucceeds(data);
  }

  @Test
  void theTimeOnTheBusIsPartOfTheTimeout() throws Exception {
    FakeDataPlane data = startPlane();
    startDaemon();
    FakeGrant grant = new FakeGrant();
    int type = Nl.MSG_TYPE_CLIENTHELLO;
    data.submit(
        new AcceptReply(
            -1, type, "server.test", 3_600_000, 0, Nl.AUTH_X509, List.of(), 0, 0, 3_600_000, 0),
        grant);
    assertThat(grant.done.join().status()).isEqualTo(Errno.ETIMEDOUT);
  }

  @Test
  void stopLetsAHandshakeFinish() throws Exception {
    FakeDataPlane data = startPlane();
    startDaemon();
    FakeGrant grant = new FakeGrant();
    grant.onMessage = n -> daemons.getFirst().stop();
    data.submit(request(Nl.MSG_TYPE_CLIENTHELLO, 20_000), grant);
    await().until(() -> grant.messages == 1);
    serverPeer(grant.peer(new ConcurrentSkipListMap<>()));
    assertThat(grant.done.join().status()).isZero();
    threads.getFirst().join();
  }
}
