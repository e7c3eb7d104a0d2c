package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.config.LimitSettings;
import dev.quic.handshaked.daemon.credential.CredentialCache;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.daemon.trace.CallTrace;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.uapi.Errno;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More requests of one peer than it is allowed. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // JUnit
final class OverloadTest {
  @TempDir Path dir;
  private final FakeBus bus = new FakeBus();
  private final List<Thread> threads = new ArrayList<>();
  private RequestWorker worker;

  @BeforeEach
  void daemon() throws Exception {
    CertificateAuthority ca = CertificateAuthority.create("ca", Instant.now());
    CertificateAuthority.writeCertificates(dir.resolve("ca.pem"), List.of(ca.certificate()));
    Files.write(
        dir.resolve("config"), List.of("[authenticate.client]", "x509.truststore = ca.pem"));
    worker = worker(address -> null);
  }

  private RequestWorker worker(ReverseLookup names) throws Exception {
    RequestWorker made =
        new RequestWorker(
            ConfigSource.open(dir.resolve("config")),
            new TlsPolicy(new CredentialCache()),
            names,
            CallTrace.NONE,
            new DaemonLog(true));
    made.limits(new LimitSettings(0, 1, 1, 1));
    return made;
  }

  @AfterEach
  void end() throws Exception {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** A client's request to a peer that says nothing until it is told to go. */
  private MemoryGrant request(int timeoutMs) {
    return request(timeoutMs, "server.test");
  }

  private MemoryGrant request(int timeoutMs, @Nullable String peername) {
    MemoryGrant[] pair = MemoryGrant.pair();
    bus.submit(
        new HandshakeRequest(
            pair[0],
            HandshakeRequest.CLIENT_HELLO,
            HandshakeRequest.AUTH_X509,
            timeoutMs,
            peername));
    return pair[0];
  }

  private void serve() {
    threads.add(Thread.ofPlatform().start(() -> worker.serveOne(bus)));
  }

  private int statusOf(MemoryGrant grant) {
    await().until(() -> bus.done.stream().anyMatch(d -> d.request().grant() == grant));
    return bus.done.stream()
        .filter(d -> d.request().grant() == grant)
        .findFirst()
        .orElseThrow()
        .status();
  }

  @Test
  void theSecondWaitsTheThirdIsRefused() {
    MemoryGrant first = request(60_000);
    serve();
    await().until(() -> first.sent > 0);
    MemoryGrant second = request(60_000);
    worker.serveOne(bus);
    MemoryGrant third = request(60_000);
    worker.serveOne(bus);
    assertThat(statusOf(third)).isEqualTo(Errno.EAGAIN);
    assertThat(third.closed).isTrue();
    assertThat(worker.refused()).isEqualTo(1);
    assertThat(second.sent).isZero();
    assertThat(second.closed).isFalse();
    // The worker of the first takes the second when the first has ended.
    first.end(Errno.EPIPE);
    assertThat(statusOf(first)).isEqualTo(Errno.EPIPE);
    await().until(() -> second.sent > 0);
    second.end(Errno.EPIPE);
    assertThat(statusOf(second)).isEqualTo(Errno.EPIPE);
    assertThat(second.closed).isTrue();
  }

  @Test
  void timeInTheQueueIsPartOfTheTimeout() {
    MemoryGrant first = request(60_000);
    serve();
    await().until(() -> first.sent > 0);
    MemoryGrant second = request(1);
    worker.serveOne(bus);
    long accepted = System.nanoTime();
    await().until(() -> System.nanoTime() - accepted > 2_000_000);
    first.end(Errno.EPIPE);
    assertThat(statusOf(second)).isEqualTo(Errno.ETIMEDOUT);
    assertThat(second.sent).isZero();
  }

  /** As after an OutOfMemoryError. */
  @Test
  void whoWaitsBehindAWorkerThatDiesIsServed() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    worker =
        worker(address -> {
          entered.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new InternalError("part of a test");
        });
    MemoryGrant first = request(60_000, null);
    Thread dying = Thread.ofPlatform().unstarted(() -> worker.serveOne(bus));
    dying.setUncaughtExceptionHandler((thread, e) -> {});
    threads.add(dying);
    dying.start();
    entered.await();
    MemoryGrant second = request(60_000);
    worker.serveOne(bus);
    assertThat(second.sent).isZero();
    go.countDown();
    await().until(() -> second.sent > 0);
    assertThat(first.closed).isTrue();
    second.end(Errno.EPIPE);
    assertThat(statusOf(second)).isEqualTo(Errno.EPIPE);
  }
}
