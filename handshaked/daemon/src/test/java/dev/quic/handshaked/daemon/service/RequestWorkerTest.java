package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.credential.CredentialCache;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.daemon.trace.CallTrace;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests against the real TLS engine, with a daemon on each end of the connection. */
@Timeout(60)
final class RequestWorkerTest {
  private static CertificateAuthority ca;
  private static Credentials server;
  private static Credentials client;

  @TempDir Path dir;
  private final MemoryGrant[] pair = MemoryGrant.pair();
  private final MemoryGrant clientEnd = pair[0];
  private final MemoryGrant serverEnd = pair[1];
  private final FakeBus clientBus = new FakeBus();
  private final FakeBus serverBus = new FakeBus();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private @Nullable String reverseName;

  @BeforeAll
  static void certificates() throws Exception {
    ca = CertificateAuthority.create("test ca", Instant.now());
    server = ca.server("server.test");
    client = ca.client("client.test");
  }

  @BeforeEach
  void files() throws Exception {
    CertificateAuthority.writeCertificates(dir.resolve("ca.pem"), List.of(ca.certificate()));
    CertificateAuthority.writeCertificates(dir.resolve("server.pem"), server.chain());
    CertificateAuthority.writeKey(dir.resolve("server.key"), server.key());
    CertificateAuthority.writeCertificates(dir.resolve("client.pem"), client.chain());
    CertificateAuthority.writeKey(dir.resolve("client.key"), client.key());
    config(
        "[authenticate.client]",
        "x509.truststore=ca.pem",
        "[authenticate.server]",
        "x509.truststore=ca.pem",
        "x509.certificate=server.pem",
        "x509.private_key=server.key");
  }

  private void config(String... lines) throws Exception {
    Files.write(dir.resolve("config"), List.of(lines));
  }

  private RequestWorker worker(CallTrace trace) throws Exception {
    return new RequestWorker(
        ConfigSource.open(dir.resolve("config")),
        new TlsPolicy(new CredentialCache()),
        address -> reverseName,
        trace,
        new DaemonLog(true));
  }

  private static HandshakeRequest request(MemoryGrant end, int type, int auth, String name) {
    return new HandshakeRequest(end, type, auth, 20_000, name.isEmpty() ? null : name);
  }

  private static HandshakeRequest asClient(MemoryGrant end, String name) {
    return request(end, HandshakeRequest.CLIENT_HELLO, HandshakeRequest.AUTH_X509, name);
  }

  private static HandshakeRequest asServer(MemoryGrant end) {
    return request(end, HandshakeRequest.SERVER_HELLO, HandshakeRequest.AUTH_X509, "");
  }

  private FakeBus.Done serve(FakeBus bus, HandshakeRequest request) throws Exception {
    return serve(bus, request, CallTrace.NONE);
  }

  private FakeBus.Done serve(FakeBus bus, HandshakeRequest request, CallTrace trace)
      throws Exception {
    bus.submit(request);
    worker(trace).serveOne(bus);
    assertThat(bus.done).hasSize(1);
    assertThat(((MemoryGrant) request.grant()).closed).isTrue();
    return bus.done.getFirst();
  }

  /** Both ends at once; the answer is the client's. */
  private FakeBus.Done both(HandshakeRequest clientRequest) throws Exception {
    RequestWorker other = worker(CallTrace.NONE);
    serverBus.submit(asServer(serverEnd));
    Thread thread = Thread.ofPlatform().start(() -> other.serveOne(serverBus));
    FakeBus.Done done = serve(clientBus, clientRequest);
    if (done.status() == 0) {
      thread.join();
    }
    return done;
  }

  @Test
  void bothRolesSucceed() throws Exception {
    FakeBus.Done done = both(asClient(clientEnd, "server.test"));
    assertThat(done.status()).isZero();
    assertThat(done.peerIds()).isEmpty();
    assertThat(serverBus.done.getFirst().status()).isZero();
    assertThat(serverBus.done.getFirst().peerIds()).isEmpty();
    assertThat(clientEnd.secrets.get("send0")).isEqualTo(serverEnd.secrets.get("recv0"));
    assertThat(clientEnd.secrets).containsOnlyKeys("recv0", "recv2", "send0", "send2");
  }

  @Test
  void aWorkerDoesNotWaitForTheAnswerToASuccess() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    clientBus.answer =
        () -> {
          try {
            answered.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        };
    RequestWorker worker = success();
    // The worker is free; the request is not over yet.
    assertThat(clientEnd.closed).isFalse();
    assertThat(worker.finish(Duration.ZERO)).isFalse();
    answered.countDown();
    assertThat(worker.finish(Duration.ofSeconds(30))).isTrue();
    assertThat(clientEnd.closed).isTrue();
    assertThat(clientBus.done).isEmpty();
  }

  @Test
  void aSuccessThatIsRefusedIsAFailure() throws Exception {
    clientBus.answer =
        () -> {
          throw new HandshakePortException(Errno.EINVAL, "setsockopt: EINVAL");
        };
    assertThat(success().finish(Duration.ofSeconds(30))).isTrue();
    assertThat(clientBus.done).hasSize(1);
    assertThat(clientBus.done.getFirst().status()).isEqualTo(Errno.EINVAL);
    assertThat(clientEnd.closed).isTrue();
  }

  /** A client's request that ends well. @return its worker */
  private RequestWorker success() throws Exception {
    RequestWorker other = worker(CallTrace.NONE);
    serverBus.submit(asServer(serverEnd));
    Thread thread = Thread.ofPlatform().start(() -> other.serveOne(serverBus));
    clientBus.submit(asClient(clientEnd, "server.test"));
    RequestWorker worker = worker(CallTrace.NONE);
    worker.serveOne(clientBus);
    thread.join();
    return worker;
  }

  @Test
  void aVerifiedClientIsReportedToTheServersConsumer() throws Exception {
    config(
        "[authenticate.client]",
        "x509.truststore=ca.pem",
        "x509.certificate=client.pem",
        "x509.private_key=client.key",
        "[authenticate.server]",
        "x509.truststore=ca.pem",
        "x509.certificate=server.pem",
        "x509.private_key=server.key");
    serverEnd.certificateRequest = 2;
    assertThat(both(asClient(clientEnd, "server.test")).status()).isZero();
    assertThat(serverBus.done.getFirst().peerIds()).containsExactly(0xffffffff);
  }

  @Test
  void callsComeInTlshdsOrder() throws Exception {
    RequestWorker other = worker(CallTrace.NONE);
    serverBus.submit(asServer(serverEnd));
    Thread.ofPlatform().start(() -> other.serveOne(serverBus));
    serve(
        clientBus,
        asClient(clientEnd, "server.test"),
        (time, sock, event, level, name, len) ->
            calls.add(event + (name.isEmpty() ? "" : " " + name)));
    assertThat(calls)
        .startsWith(
            "accept client",
            "getpeername",
            "getsockopt SO_PROTOCOL",
            "getsockopt ALPN",
            "getsockopt SESSION_TICKET",
            "getsockopt CONFIG",
            "getsockopt TRANSPORT_PARAM_EXT",
            "sendmsg ClientHello")
        // tlshd installs these before it sends its Finished; the contract here is the other way
        // round, so that nothing can overtake it.
        .endsWith(
            "sendmsg Finished",
            "setsockopt CRYPTO_SECRET app send",
            "setsockopt CRYPTO_SECRET app recv",
            "done OK");
  }

  @Test
  void aWrongNameIsRefused() throws Exception {
    assertThat(both(asClient(clientEnd, "elsewhere.test")).status()).isEqualTo(Errno.EACCES);
    assertThat(clientEnd.closeCode).isEqualTo(0x12a);
  }

  @Test
  void withoutAPeerNameTheAddressIsLookedUp() throws Exception {
    reverseName = "server.test";
    assertThat(both(asClient(clientEnd, "")).status()).isZero();
  }

  @Test
  void withoutAnyNameNothingIsSent() throws Exception {
    FakeBus.Done done = serve(clientBus, asClient(clientEnd, ""));
    assertThat(done.status()).isEqualTo(Errno.EACCES);
    assertThat(clientEnd.sent).isZero();
  }

  @Test
  void anAnonymousClientTakesAnyCertificate() throws Exception {
    config("[authenticate.server]", "x509.certificate=server.pem", "x509.private_key=server.key");
    FakeBus.Done done =
        both(request(clientEnd, HandshakeRequest.CLIENT_HELLO, HandshakeRequest.AUTH_UNAUTH, ""));
    assertThat(done.status()).isZero();
    assertThat(done.peerIds()).isEmpty();
  }

  @Test
  void anUnreadableKeyOfAServer() throws Exception {
    Files.delete(dir.resolve("server.key"));
    FakeBus.Done done = serve(serverBus, asServer(serverEnd));
    assertThat(done.status()).isEqualTo(Errno.ENOKEY);
    assertThat(serverEnd.closeCode).isEqualTo(0x150);
  }

  @Test
  void aServerWithoutACertificate() throws Exception {
    config("[debug]");
    assertThat(serve(serverBus, asServer(serverEnd)).status()).isEqualTo(Errno.ENOKEY);
    assertThat(serverEnd.closeCode).isEqualTo(0x150);
  }

  @Test
  void anUnreadableKeyOrTrustStoreOfAClientSendsNothing() throws Exception {
    config("[authenticate.client]", "x509.truststore=none.pem");
    FakeBus.Done done = serve(clientBus, asClient(clientEnd, "server.test"));
    assertThat(done.status()).isEqualTo(Errno.ENOKEY);
    assertThat(clientEnd.sent).isZero();
    assertThat(clientEnd.closeCode).isEqualTo(-1);
  }

  @Test
  void whatIsNotSupportedIsSaidSo() throws Exception {
    FakeBus.Done done =
        serve(clientBus, request(clientEnd, HandshakeRequest.CLIENT_HELLO, 4, "server.test"));
    assertThat(done.status()).isEqualTo(Errno.EOPNOTSUPP);
    int anonymous = HandshakeRequest.AUTH_UNAUTH;
    done = serve(serverBus, request(serverEnd, HandshakeRequest.SERVER_HELLO, anonymous, ""));
    assertThat(done.status()).isEqualTo(Errno.EOPNOTSUPP);
    done = serve(new FakeBus(), request(serverEnd, 3, HandshakeRequest.AUTH_X509, ""));
    assertThat(done.status()).isEqualTo(Errno.EOPNOTSUPP);
    MemoryGrant tcp = MemoryGrant.pair()[0];
    tcp.protocol = 6;
    done = serve(new FakeBus(), asClient(tcp, "server.test"));
    assertThat(done.status()).isEqualTo(Errno.EOPNOTSUPP);
    assertThat(clientEnd.sent + serverEnd.sent + tcp.sent).isZero();
  }

  @Test
  void aSilentPeerEndsWithTheRequestsTimeout() throws Exception {
    HandshakeRequest request =
        new HandshakeRequest(
            clientEnd,
            HandshakeRequest.CLIENT_HELLO,
            HandshakeRequest.AUTH_X509,
            30,
            "server.test");
    assertThat(serve(clientBus, request).status()).isEqualTo(Errno.ETIMEDOUT);
  }

  @Test
  void aRevokedGrantEndsWithItsErrno() throws Exception {
    clientEnd.broken = Errno.EPIPE;
    assertThat(serve(clientBus, asClient(clientEnd, "server.test")).status())
        .isEqualTo(Errno.EPIPE);
  }

  @Test
  void aRequestThatAnotherDaemonTookIsNoError() throws Exception {
    worker(CallTrace.NONE).serveOne(clientBus);
    assertThat(clientBus.done).isEmpty();
  }
}
