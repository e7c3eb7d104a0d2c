package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThatCode;

import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.credential.CredentialCache;
import dev.quic.handshaked.daemon.keys.DirectoryKeySource;
import dev.quic.handshaked.daemon.keys.KeyData;
import dev.quic.handshaked.daemon.keys.KeyDirectory;
import dev.quic.handshaked.daemon.keys.KeySource;
import dev.quic.handshaked.daemon.keys.linux.Keyctl;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.daemon.trace.CallTrace;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.Errno;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that name keys by serial: pre-shared keys, certificates and their private keys. */
@Timeout(60)
final class KeyRequestTest {
  private static final int CLIENT = HandshakeRequest.CLIENT_HELLO;
  private static final int SERVER = HandshakeRequest.SERVER_HELLO;
  private static final int PSK = HandshakeRequest.AUTH_PSK;
  private static final int X509 = HandshakeRequest.AUTH_X509;
  private static final int UNKNOWN_PSK_IDENTITY = 0x173;

  private static CertificateAuthority ca;

  @TempDir Path dir;
  private MemoryGrant[] pair = MemoryGrant.pair();
  private final FakeBus clientBus = new FakeBus();
  private final FakeBus serverBus = new FakeBus();
  private KeyDirectory keys;

  @BeforeAll
  static void authority() throws Exception {
    ca = CertificateAuthority.create("test ca", Instant.now());
  }

  @BeforeEach
  void files() throws Exception {
    keys = new KeyDirectory(dir.resolve("keys"));
    keys.create();
    CertificateAuthority.writeCertificates(dir.resolve("ca.pem"), List.of(ca.certificate()));
    config("[keys]", "directory=keys");
  }

  private void config(String... lines) throws Exception {
    Files.write(dir.resolve("config"), List.of(lines));
  }

  private int psk(String identity, int bytes, int keyring) throws Exception {
    byte[] key = new byte[bytes];
    Arrays.fill(key, (byte) identity.charAt(0));
    return keys.add("psk", identity, key, keyring);
  }

  private int psk(String identity) throws Exception {
    return psk(identity, 32, KeyDirectory.ROOT);
  }

  private HandshakeRequest request(int type, int auth, int keyring, Integer... peers) {
    MemoryGrant end = pair[type == CLIENT ? 0 : 1];
    return new HandshakeRequest(end, type, auth, 20_000, null, keyring, 0, 0, List.of(peers));
  }

  private HandshakeRequest x509(int type, int certificate, int key) {
    MemoryGrant end = pair[type == CLIENT ? 0 : 1];
    return new HandshakeRequest(
        end, type, X509, 20_000, "server.test", 0, certificate, key, List.of());
  }

  private RequestWorker worker() throws Exception {
    return new RequestWorker(
        ConfigSource.open(dir.resolve("config")),
        new TlsPolicy(new CredentialCache()),
        address -> null,
        CallTrace.NONE,
        new DaemonLog(true));
  }

  private FakeBus.Done serve(FakeBus bus, HandshakeRequest request) throws Exception {
    bus.submit(request);
    worker().serveOne(bus);
    return bus.done.getLast();
  }

  /** Both ends; first the client's end, then the server's. */
  private FakeBus.Done[] both(HandshakeRequest client, HandshakeRequest server) throws Exception {
    RequestWorker other = worker();
    serverBus.submit(server);
    Thread thread = Thread.ofPlatform().start(() -> other.serveOne(serverBus));
    clientBus.submit(client);
    RequestWorker one = worker();
    Thread last = Thread.ofPlatform().start(() -> one.serveOne(clientBus));
    thread.join();
    if (serverBus.done.getLast().status() != 0) {
      // A connection without a network does not tell the client: the grant goes.
      pair[0].broken = Errno.ENOTCONN;
      last.interrupt();
    }
    last.join();
    return new FakeBus.Done[] {clientBus.done.getLast(), serverBus.done.getLast()};
  }

  @Test
  void aPreSharedKeyOnBothSides() throws Exception {
    int id = psk("client@example");
    FakeBus.Done[] ends = both(request(CLIENT, PSK, 0, id), request(SERVER, PSK, 0, id));
    assertThat(ends).extracting(FakeBus.Done::status).containsExactly(0, 0);
    assertThat(ends[0].peerIds()).containsExactly(id);
    assertThat(ends[1].peerIds()).containsExactly(id);
    assertThat(pair[0].secrets.get("send0")).isEqualTo(pair[1].secrets.get("recv0"));
  }

  @Test
  void theServerTakesTheSecondOfSeveralIdentities() throws Exception {
    int ring = keys.newring("servers", KeyDirectory.ROOT);
    int unknown = psk("unknown");
    int known = psk("known", 48, ring);
    FakeBus.Done[] ends = both(request(CLIENT, PSK, 0, unknown, known), request(SERVER, PSK, ring));
    assertThat(ends).extracting(FakeBus.Done::status).containsExactly(0, 0);
    assertThat(ends[0].peerIds()).containsExactly(known);
    assertThat(ends[1].peerIds()).containsExactly(known);
  }

  @Test
  void withoutAnyNameAServerLooksInTheConfiguredKeyrings() throws Exception {
    int ring = keys.newring("quic", KeyDirectory.ROOT);
    int id = psk("somebody", 32, ring);
    config("[authenticate]", "keyrings=quic", "[keys]", "directory=keys");
    FakeBus.Done[] ends = both(request(CLIENT, PSK, 0, id), request(SERVER, PSK, 0, 0));
    assertThat(ends[1].peerIds()).containsExactly(id);
  }

  /** The worker threads inherit the test's process keyring, as the daemon's do its. */
  @Test
  void keysOfTheKernel() throws Exception {
    assumeThatCode(() -> Keyctl.keyringId(Keyctl.PROCESS_KEYRING))
        .as("add_key and keyctl are refused here, by a container's seccomp filter for instance")
        .doesNotThrowAnyException();
    byte[] secret = "a key of the kernel's, 32 bytes.".getBytes(StandardCharsets.UTF_8);
    int ring = Keyctl.addKey("keyring", "quic-test-2", new byte[0], Keyctl.PROCESS_KEYRING);
    int id = Keyctl.addKey("user", "kernel@example", secret, ring);
    config("[keys]", "source=kernel");
    FakeBus.Done[] ends = both(request(CLIENT, PSK, ring, id), request(SERVER, PSK, ring));
    assertThat(ends).extracting(FakeBus.Done::status).containsExactly(0, 0);
    assertThat(ends[0].peerIds()).containsExactly(id);
    assertThat(ends[1].peerIds()).containsExactly(id);
    Keyctl.revoke(id);
    assertThat(serve(clientBus, request(CLIENT, PSK, ring, id)).status())
        .isEqualTo(Errno.EKEYREVOKED);
    Keyctl.unlink(ring, Keyctl.PROCESS_KEYRING);
  }

  @Test
  void anUnknownIdentity() throws Exception {
    int id = psk("client");
    int other = psk("other");
    FakeBus.Done[] ends = both(request(CLIENT, PSK, 0, id), request(SERVER, PSK, 0, other));
    assertThat(ends[1].status()).isEqualTo(Errno.EKEYREJECTED);
    assertThat(pair[1].closeCode).isEqualTo(UNKNOWN_PSK_IDENTITY);
    assertThat(ends[1].peerIds()).isEmpty();
  }

  @Test
  void anotherKeyUnderTheSameIdentity() throws Exception {
    int ours = psk("same");
    int ring = keys.newring("theirs", KeyDirectory.ROOT);
    keys.add("psk", "same", "another key".getBytes(StandardCharsets.UTF_8), ring);
    FakeBus.Done[] ends = both(request(CLIENT, PSK, 0, ours), request(SERVER, PSK, ring));
    assertThat(ends[1].status()).isEqualTo(Errno.EACCES);
    assertThat(pair[1].closeCode).isEqualTo(0x133);
  }

  @Test
  void revokedExpiredAndMissingKeysOfAClientSendNothing() throws Exception {
    int revoked = psk("revoked");
    int expired = psk("expired");
    keys.revoke(revoked);
    keys.expireAt(expired, 1);
    assertThat(serve(clientBus, request(CLIENT, PSK, 0, revoked)).status())
        .isEqualTo(Errno.EKEYREVOKED);
    assertThat(serve(clientBus, request(CLIENT, PSK, 0, expired)).status())
        .isEqualTo(Errno.EKEYEXPIRED);
    assertThat(serve(clientBus, request(CLIENT, PSK, 0, 4711)).status()).isEqualTo(Errno.ENOKEY);
    assertThat(serve(clientBus, request(CLIENT, PSK, 0)).status()).isEqualTo(Errno.ENOKEY);
    assertThat(pair[0].sent).isZero();
  }

  @Test
  void aServersKeyThatWasRevoked() throws Exception {
    int ring = keys.newring("server", KeyDirectory.ROOT);
    int ours = psk("shared", 32, ring);
    int theirs = psk("shared");
    keys.revoke(ours);
    FakeBus.Done[] ends = both(request(CLIENT, PSK, 0, theirs), request(SERVER, PSK, ring));
    assertThat(ends[1].status()).isEqualTo(Errno.EKEYREVOKED);
    assertThat(pair[1].closeCode).isEqualTo(UNKNOWN_PSK_IDENTITY);
  }

  @Test
  void aKeyDirectoryThatIsOpenToOthers() throws Exception {
    int id = psk("client");
    dir.resolve("keys").toFile().setReadable(true, false);
    assertThat(serve(clientBus, request(CLIENT, PSK, 0, id)).status()).isEqualTo(Errno.EACCES);
    assertThat(serve(serverBus, request(SERVER, PSK, 0, id)).status()).isEqualTo(Errno.EACCES);
    assertThat(pair[1].closeCode).isEqualTo(0x150);
  }

  @Test
  void aCertificateAndItsKeyBySerial() throws Exception {
    Credentials server = ca.server("server.test");
    int certificate =
        keys.add("user", "server certificate", server.leaf().getEncoded(), KeyDirectory.ROOT);
    int key = keys.add("user", "server key", server.key().getEncoded(), KeyDirectory.ROOT);
    config("[keys]", "directory=keys", "[authenticate.client]", "x509.truststore=ca.pem");
    FakeBus.Done[] ends = both(x509(CLIENT, 0, 0), x509(SERVER, certificate, key));
    assertThat(ends).extracting(FakeBus.Done::status).containsExactly(0, 0);
  }

  private void serverFiles(Credentials server) throws Exception {
    CertificateAuthority.writeCertificates(dir.resolve("server.pem"), server.chain());
    CertificateAuthority.writeKey(dir.resolve("server.key"), server.key());
  }

  private void serverConfig(String... keysLines) throws Exception {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "[authenticate.client]",
                "x509.truststore=ca.pem",
                "[authenticate.server]",
                "x509.certificate=server.pem",
                "x509.private_key=server.key",
                "[keys]"));
    lines.addAll(List.of(keysLines));
    Files.write(dir.resolve("config"), lines);
  }

  /** One and the same as long as the server's certificate is. */
  @Test
  void aKeyStandsForAServersCertificate() throws Exception {
    List<Integer> serials = new ArrayList<>();
    for (String name : List.of("first", "second")) {
      Credentials server = ca.server("server.test", name + ".test");
      serverFiles(server);
      serverConfig("directory=keys");
      for (int i = 0; i < 2; i++) {
        pair = MemoryGrant.pair();
        FakeBus.Done[] ends = both(x509(CLIENT, 0, 0), x509(SERVER, 0, 0));
        assertThat(ends).extracting(FakeBus.Done::status).containsExactly(0, 0);
        assertThat(ends[0].peerIds()).hasSize(1);
        assertThat(ends[1].peerIds()).as("the client showed none").isEmpty();
        serials.addAll(ends[0].peerIds());
      }
      KeySource source =
          new DirectoryKeySource(new KeyDirectory(dir.resolve("keys")), Clock.systemUTC());
      try (KeySource.Access access = source.open(0, List.of())) {
        KeyData key = access.read(serials.getLast());
        assertThat(key.type()).isEqualTo("asymmetric");
        assertThat(key.description()).startsWith("tls:server.test ");
        assertThat(key.payload()).isEqualTo(server.leaf().getEncoded());
      }
    }
    assertThat(serials.get(1)).isEqualTo(serials.get(0));
    assertThat(serials.get(3)).isEqualTo(serials.get(2)).isNotEqualTo(serials.get(0));
  }

  /** A handshake is as good without: the directory is not there, or the keys are not wanted. */
  @Test
  void noKeyStandsForTheServer() throws Exception {
    serverFiles(ca.server("server.test"));
    for (String line : List.of("directory=none", "peers=no")) {
      pair = MemoryGrant.pair();
      serverConfig("directory=keys", line);
      FakeBus.Done[] ends = both(x509(CLIENT, 0, 0), x509(SERVER, 0, 0));
      assertThat(ends).extracting(FakeBus.Done::status).containsExactly(0, 0);
      assertThat(ends[0].peerIds()).isEmpty();
    }
    assertThat(keys.list()).isEmpty();
  }

  @Test
  void theConfigurationGivesWhatTheRequestDoesNotName() throws Exception {
    Credentials server = ca.server("server.test");
    Credentials other = ca.server("other.test");
    CertificateAuthority.writeCertificates(dir.resolve("server.pem"), server.chain());
    CertificateAuthority.writeKey(dir.resolve("server.key"), server.key());
    int key = keys.add("user", "the same key", server.key().getEncoded(), KeyDirectory.ROOT);
    int wrong = keys.add("user", "another key", other.key().getEncoded(), KeyDirectory.ROOT);
    config(
        "[keys]",
        "directory=keys",
        "[authenticate.client]",
        "x509.truststore=ca.pem",
        "[authenticate.server]",
        "x509.certificate=server.pem",
        "x509.private_key=server.key");
    FakeBus.Done[] ends = both(x509(CLIENT, 0, 0), x509(SERVER, 0, key));
    assertThat(ends).extracting(FakeBus.Done::status).containsExactly(0, 0);
    assertThat(serve(serverBus, x509(SERVER, 0, wrong)).status()).isEqualTo(Errno.ENOKEY);
    assertThat(serve(clientBus, x509(CLIENT, 0, key)).status()).isEqualTo(Errno.ENOKEY);
  }
}
