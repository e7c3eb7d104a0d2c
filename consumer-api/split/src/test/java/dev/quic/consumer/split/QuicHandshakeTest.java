package dev.quic.consumer.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class QuicHandshakeTest {
  private static CertificateAuthority ca;
  private static Credentials serverOwn;
  private static Credentials clientOwn;

  @TempDir Path dir;
  private final MemorySocket[] pair = MemorySocket.pair();
  private final MemorySocket client = pair[0];
  private final MemorySocket server = pair[1];

  @BeforeAll
  static void certificates() throws Exception {
    ca = CertificateAuthority.create("test ca", Instant.now());
    serverOwn = ca.server("server.test", "127.0.0.1");
    clientOwn = ca.client("client.test");
  }

  private static QuicServerTls serverTls() {
    return QuicServerTls.of(serverOwn.chain(), serverOwn.key(), "two", "one");
  }

  private static QuicClientTls clientTls(@Nullable String name) {
    return QuicClientTls.of(name, "one", "two").withTrustAnchors(List.of(ca.certificate()));
  }

  private CompletableFuture<QuicHandshakeResult> serve(QuicServerTls tls) {
    CompletableFuture<QuicHandshakeResult> future = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            future.complete(QuicHandshake.server(server, tls));
          } catch (QuicException e) {
            future.completeExceptionally(e);
          }
        });
    return future;
  }

  private int said;

  private void assertSecretsAgree() {
    assertThat(client.secrets).containsOnlyKeys("recv0", "recv2", "send0", "send2");
    for (int level : new int[] {0, 2}) {
      assertThat(client.secrets.get("send" + level)).isEqualTo(server.secrets.get("recv" + level));
      assertThat(client.secrets.get("recv" + level)).isEqualTo(server.secrets.get("send" + level));
    }
    assertThat(client.peerParameters)
        .isEqualTo(MemorySocket.reservedParameter("server parameters"));
    assertThat(server.peerParameters)
        .isEqualTo(MemorySocket.reservedParameter("client parameters"));
  }

  @Test
  void bothSidesAgree() throws Exception {
    CompletableFuture<QuicHandshakeResult> served = serve(serverTls());
    QuicHandshakeResult r = QuicHandshake.client(client, clientTls("server.test"));
    QuicHandshakeResult s = served.join();
    assertThat(r.alpn()).isEqualTo(s.alpn()).isIn("one", "two");
    assertThat(s.serverName()).isEqualTo("server.test");
    assertThat(r.peerCertificates()).isEqualTo(serverOwn.chain());
    assertThat(s.peerCertificates()).isEmpty();
    assertSecretsAgree();
  }

  @Test
  void aServerMayAskForACertificate() throws Exception {
    QuicServerTls tls =
        serverTls()
            .withClientTrustAnchors(List.of(ca.certificate()), QuicServerTls.ClientAuth.REQUIRE);
    CompletableFuture<QuicHandshakeResult> served = serve(tls);
    QuicHandshake.client(
        client, clientTls("127.0.0.1").withCertificate(clientOwn.chain(), clientOwn.key()));
    assertThat(served.join().peerCertificates()).isEqualTo(clientOwn.chain());
    assertThat(served.join().serverName()).isNull();
    assertSecretsAgree();
  }

  @Test
  void filesAreReadWhenTheHandshakeStarts() throws Exception {
    Path chain = dir.resolve("chain.pem");
    Path key = dir.resolve("key.pem");
    Path trust = dir.resolve("ca.pem");
    QuicServerTls tls = QuicServerTls.of(chain, key, "one");
    CertificateAuthority.writeCertificates(chain, serverOwn.chain());
    CertificateAuthority.writeCertificates(trust, List.of(ca.certificate()));
    CertificateAuthority.writeKey(key, serverOwn.key());
    CompletableFuture<QuicHandshakeResult> served = serve(tls);
    QuicHandshake.client(client, QuicClientTls.of("server.test", "one").withTrustFile(trust));
    assertThat(served.join().alpn()).isEqualTo("one");
  }

  @Test
  void insecureTakesAnyCertificate() throws Exception {
    CompletableFuture<QuicHandshakeResult> served = serve(serverTls());
    QuicHandshakeResult r = QuicHandshake.client(client, QuicClientTls.of(null, "one").insecure());
    assertThat(r.peerCertificates()).isEqualTo(serverOwn.chain());
    served.join();
  }

  private QuicException clientFails(QuicClientTls tls) {
    return catchThrowableOfType(
        QuicException.class,
        () -> QuicHandshake.client(client, tls.withTimeout(Duration.ofSeconds(20))));
  }

  @Test
  void refusesAnUnknownAuthority() throws Exception {
    serve(serverTls());
    CertificateAuthority other = CertificateAuthority.create("other ca", Instant.now());
    QuicException e =
        clientFails(
            QuicClientTls.of("server.test", "one").withTrustAnchors(List.of(other.certificate())));
    assertThat(e.errno()).isEqualTo(Errno.EACCES);
    assertThat(e.getMessage()).startsWith("handshake with server.test failed: ").hasLineCount(1);
    assertThat(client.closeCode).isEqualTo(0x130);
  }

  @Test
  void refusesAWrongName() {
    serve(serverTls());
    QuicException e = clientFails(clientTls("elsewhere.test"));
    assertThat(e.errno()).isEqualTo(Errno.EACCES);
    assertThat(client.closeCode).isEqualTo(0x12a);
  }

  @Test
  void refusesAnExpiredCertificate() throws Exception {
    Credentials expired = ca.expiredServer("server.test");
    serve(QuicServerTls.of(expired.chain(), expired.key(), "one"));
    QuicException e = clientFails(clientTls("server.test"));
    assertThat(e.errno()).isEqualTo(Errno.EKEYEXPIRED);
    assertThat(client.closeCode).isEqualTo(0x12d);
  }

  @Test
  void aServerRefusesAProtocolItDoesNotHave() {
    CompletableFuture<QuicHandshakeResult> served =
        serve(QuicServerTls.of(serverOwn.chain(), serverOwn.key(), "three"));
    Thread.ofPlatform().start(() -> clientFails(clientTls("server.test")));
    assertThatThrownBy(served::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EACCES));
    assertThat(server.closeCode).isEqualTo(0x178);
  }

  @Test
  void anUnreadableKeyOfAClientSendsNothing() {
    QuicException e =
        clientFails(
            clientTls("server.test").withCertificate(dir.resolve("none"), dir.resolve("no key")));
    assertThat(e.errno()).isEqualTo(Errno.ENOKEY);
    assertThat(client.sent).isZero();
  }

  @Test
  void anUnreadableKeyOfAServerClosesWithInternalError() {
    CompletableFuture<QuicHandshakeResult> served =
        serve(QuicServerTls.of(dir.resolve("none"), dir.resolve("no key"), "one"));
    assertThatThrownBy(served::join)
        .cause()
        .isInstanceOfSatisfying(
            QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOKEY));
    assertThat(server.closeCode).isEqualTo(0x150);
  }

  @Test
  void verificationNeedsAName() {
    QuicException e = clientFails(clientTls(null));
    assertThat(e.errno()).isEqualTo(Errno.EINVAL);
    assertThat(client.sent).isZero();
  }

  @Test
  void aSilentPeerTimesOut() {
    QuicException e =
        catchThrowableOfType(
            QuicException.class,
            () ->
                QuicHandshake.client(
                    client, clientTls("server.test").withTimeout(Duration.ofMillis(20))));
    assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT);
  }

  @Test
  void stepByStepOnOneThread() throws Exception {
    client.sendLimit = 100;
    try (HandshakeStepper c = HandshakeStepper.client(clientTls("server.test"));
        HandshakeStepper s = HandshakeStepper.server(serverTls())) {
      boolean more = true;
      while (more) {
        more = Steps.runUntilBlocked(c, client);
        more |= Steps.runUntilBlocked(s, server);
      }
      assertThat(c.result().alpn()).isEqualTo(s.result().alpn());
      assertThat(c.step()).isNull();
    }
    assertSecretsAgree();
  }

  @Test
  void aSteppersSocketErrorEndsIt() throws Exception {
    try (HandshakeStepper c = HandshakeStepper.client(clientTls("server.test"))) {
      HandshakeStep step = c.step();
      while (step != null && step.op() != HandshakeStep.Op.SENDMSG) {
        step.perform(client);
        step = c.step();
      }
      assertThat(step).isNotNull();
      while (step != null) {
        step.done(-Errno.EPIPE);
        step = c.step();
      }
      assertThatThrownBy(c::result)
          .isInstanceOfSatisfying(
              QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
    }
  }

  @Test
  void aStepThatWasNotPerformedIsAnError() throws Exception {
    try (HandshakeStepper c = HandshakeStepper.client(clientTls("server.test"))) {
      HandshakeStep step = c.step();
      assertThat(step).isNotNull();
      assertThatThrownBy(c::result)
          .isInstanceOfSatisfying(
              QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINPROGRESS));
      while (step != null) {
        step = c.step();
      }
      assertThatThrownBy(c::result)
          .isInstanceOfSatisfying(
              QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EUCLEAN));
    }
  }

  @Test
  void closingAStepperGivesUp() throws Exception {
    HandshakeStepper c = HandshakeStepper.client(clientTls("server.test"));
    Steps.runUntilBlocked(c, client);
    c.close();
    assertThat(c.step()).isNull();
    assertThatThrownBy(c::result)
        .isInstanceOfSatisfying(
            QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECANCELED));
  }

  @Test
  void closingAStepperWipesWhatNobodyAskedFor() throws Exception {
    HandshakeStepper c = HandshakeStepper.client(clientTls("server.test"));
    HandshakeStepper s = HandshakeStepper.server(serverTls());
    boolean more = true;
    while (more) {
      more = Steps.runUntilBlocked(c, client);
      more |= Steps.runUntilBlocked(s, server);
    }
    QuicHandshakeResult asked = s.result();
    s.close();
    assertThat(asked.channelBinding()).hasSize(32);
    c.close();
    QuicHandshakeResult late = c.result();
    assertThatThrownBy(late::channelBinding).isInstanceOf(IllegalStateException.class);
  }

  /** A peer that has all of its early data to tell first, for ever. */
  @Test
  @Timeout(30)
  void earlyDataDoesNotBuyTime() throws Exception {
    QuicSocket talker =
        (QuicSocket)
            Proxy.newProxyInstance(
                QuicSocket.class.getClassLoader(),
                new Class<?>[] {QuicSocket.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "pollIn" -> true;
                      case "recvmsg" -> earlyData((QuicMsg) arguments[0]);
                      default -> throw new AssertionError(method);
                    });
    SocketPort port = new SocketPort(talker, (msg, buffer, length) -> {});
    assertThat(port.receive(System.nanoTime() + 20_000_000)).isNull();

    QuicServerTls tls =
        serverTls()
            .withTimeout(Duration.ofMillis(20))
            .withEarlyData(true)
            .withEarlyDelivery((msg, buffer, length) -> {});
    try (HandshakeStepper s = HandshakeStepper.server(tls)) {
      for (HandshakeStep step = s.step(); step != null; step = s.step()) {
        if (step.op() == HandshakeStep.Op.RECVMSG) {
          step.done(earlyData(step.msg()));
        } else {
          step.perform(server);
        }
      }
      assertThatThrownBy(s::result)
          .isInstanceOfSatisfying(
              QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
    }
  }

  private int earlyData(QuicMsg msg) {
    // A test that is not met ends, too.
    assertThat(++said).isLessThan(50_000_000);
    msg.cmsg = QuicUapi.QUIC_STREAM_INFO;
    return 1;
  }
}
