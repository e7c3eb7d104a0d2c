package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.credential.CredentialCache;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.daemon.trace.CallTrace;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.Errno;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server shows besides its certificate, or instead of it. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // JUnit
final class ServerCredentialsTest {
  private static final byte[] RESPONSE = {0x30, 3, 0x0a, 1, 6};

  @TempDir Path dir;
  private Credentials first;
  private Credentials second;

  @BeforeEach
  void files() throws Exception {
    CertificateAuthority ca = CertificateAuthority.create("test ca", Instant.now());
    CertificateAuthority.writeCertificates(dir.resolve("ca.pem"), List.of(ca.certificate()));
    first = ca.server("server.test");
    second = ca.server(KeyKind.ED25519, List.of("server.test"));
    write("first", first);
    write("second", second);
  }

  private void write(String name, Credentials c) throws Exception {
    CertificateAuthority.writeCertificates(dir.resolve(name + ".pem"), c.chain());
    CertificateAuthority.writeKey(dir.resolve(name + ".key"), c.key());
  }

  private RequestWorker worker(SessionTags peers, String... lines) throws Exception {
    Files.write(dir.resolve("config"), List.of(lines));
    DaemonLog log = new DaemonLog(true);
    return new RequestWorker(
        ConfigSource.open(dir.resolve("config")),
        new TlsPolicy(new CredentialCache()),
        new SharedTls(log),
        peers,
        address -> null,
        CallTrace.NONE,
        log);
  }

  private static HandshakeRequest request(MemoryGrant grant, int type) {
    return new HandshakeRequest(grant, type, HandshakeRequest.AUTH_X509, 20_000, "server.test");
  }

  /** A handshake of two daemons; the leaf the client saw. */
  private byte[] shown(String... more) throws Exception {
    MemoryGrant[] pair = MemoryGrant.pair();
    String[] server = {
      "[authenticate.server]", "x509.certificate=first.pem", "x509.private_key=first.key"
    };
    String[] all = java.util.Arrays.copyOf(server, server.length + more.length);
    System.arraycopy(more, 0, all, server.length, more.length);
    FakeBus serverBus = new FakeBus();
    serverBus.submit(request(pair[1], HandshakeRequest.SERVER_HELLO));
    RequestWorker other = worker(SessionTags.NONE, all);
    Thread thread = Thread.ofPlatform().start(() -> other.serveOne(serverBus));
    CompletableFuture<List<byte[]>> seen = new CompletableFuture<>();
    FakeBus bus = new FakeBus();
    bus.submit(request(pair[0], HandshakeRequest.CLIENT_HELLO));
    worker(
            chain -> {
              seen.complete(chain);
              return List.of("seen");
            },
            "[authenticate.client]",
            "x509.truststore=ca.pem")
        .serveOne(bus);
    thread.join();
    assertThat(bus.done.getFirst().status()).isZero();
    assertThat(bus.done.getFirst().tags()).containsExactly("seen");
    return seen.get(20, TimeUnit.SECONDS).getFirst();
  }

  @Test
  void theSecondPairGoesFirstForWhomItFits() throws Exception {
    assertThat(shown()).isEqualTo(first.leaf().getEncoded());
    assertThat(shown("x509.pq.certificate=second.pem", "x509.pq.private_key=second.key"))
        .isEqualTo(second.leaf().getEncoded());
  }

  @Test
  void aHandshakeWithAStapledResponse() throws Exception {
    Files.write(dir.resolve("response.der"), RESPONSE);
    assertThat(shown("x509.ocsp=response.der")).isEqualTo(first.leaf().getEncoded());
    // One that another program has not fetched yet.
    assertThat(shown("x509.ocsp=none.der")).isEqualTo(first.leaf().getEncoded());
  }

  @Test
  void responsesAreReadForEachHandshake() throws Exception {
    Path file = dir.resolve("response.der");
    assertThat(StapledResponse.with(first, null)).isSameAs(first);
    assertThat(StapledResponse.with(first, file)).isSameAs(first);
    Files.write(file, RESPONSE);
    assertThat(StapledResponse.with(first, file).ocsp()).isEqualTo(RESPONSE);
    Files.writeString(file, "-----BEGIN");
    assertThatThrownBy(() -> StapledResponse.with(first, file))
        .isInstanceOf(CredentialException.class)
        .hasMessage(file + " holds no OCSP response in DER");
    Files.write(file, new byte[StapledResponse.MAX_BYTES + 1]);
    assertThatThrownBy(() -> StapledResponse.with(first, file)).hasMessageContaining("no OCSP");
  }

  @Test
  void aFileThatHoldsSomethingElseFailsTheHandshake() throws Exception {
    Files.writeString(dir.resolve("response.der"), "oops");
    MemoryGrant server = MemoryGrant.pair()[1];
    FakeBus bus = new FakeBus();
    bus.submit(request(server, HandshakeRequest.SERVER_HELLO));
    worker(
            SessionTags.NONE,
            "[authenticate.server]",
            "x509.certificate=first.pem",
            "x509.private_key=first.key",
            "x509.ocsp=response.der")
        .serveOne(bus);
    assertThat(bus.done.getFirst().status()).isEqualTo(Errno.ENOKEY);
  }
}
