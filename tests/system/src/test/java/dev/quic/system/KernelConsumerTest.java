package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.consumer.TlsDone;
import dev.quic.consumer.TlsHandshakeArgs;
import dev.quic.consumer.TlsResult;
import dev.quic.consumer.session.QuicSession;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicHandshakeResult;
import dev.quic.consumer.split.QuicPsk;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.handshaked.daemon.keys.KeyDirectory;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
import dev.quic.uapi.option.QuicTransportParam;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The runs of the kernel's quic_sample_test: a consumer inside the data plane as client and as
 * server, authenticated by certificate, by pre-shared key and by ticket, against a program over
 * descriptors that does its handshake itself. The daemon is a process of its own.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class KernelConsumerTest {
  private static final String IDENTITY = "sample@house";
  private static final String KEYS = "\n[keys]\ndirectory = keys";
  private static final byte[] SECRET =
      "a pre-shared key of 32 bytes ...".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path dir;
  private SplitHouse house;
  private RemoteQuicSockets programs;
  private KeyDirectory keys;
  private int psk;

  @BeforeEach
  void open() throws Exception {
    house = new SplitHouse(dir);
    programs = RemoteQuicSockets.open(house.file("run"));
    keys = new KeyDirectory(house.file("keys"));
    keys.create();
    psk = keys.add("psk", IDENTITY, SECRET, KeyDirectory.ROOT);
  }

  @AfterEach
  void close() {
    programs.close();
    house.close();
  }

  private Handshaked daemon() throws Exception {
    return house.daemonWith(
        "x509.truststore = ca.pem",
        SplitHouse.serverFiles("server") + "\nx509.truststore = ca.pem" + KEYS);
  }

  // The program's side.

  private static QuicSocket withAlpn(QuicSocket sock) throws QuicException {
    sock.setsockopt(
        QuicUapi.SOL_QUIC,
        QuicUapi.QUIC_SOCKOPT_ALPN,
        SplitHouse.ALPN.getBytes(StandardCharsets.US_ASCII));
    return sock;
  }

  private QuicSocket programListens() throws QuicException {
    QuicSocket listener = withAlpn(programs.socket(QuicUapi.AF_INET));
    listener.bind(new InetSocketAddress("127.0.0.1", 0));
    listener.listen(8);
    return listener;
  }

  /** A program's connection, its handshake finished. */
  private record Program(QuicSocket sock, QuicHandshakeResult result) {}

  private Future<Program> programServes(QuicSocket listener, QuicServerTls tls) {
    return house.pool.submit(() -> {
      QuicSocket sock = listener.accept();
      return finished(sock, () -> QuicHandshake.server(sock, tls));
    });
  }

  private Future<Program> programConnects(QuicSocket listener, QuicClientTls tls)
      throws QuicException {
    InetSocketAddress at = listener.getsockname();
    return house.pool.submit(() -> {
      QuicSocket sock = withAlpn(programs.socket(QuicUapi.AF_INET));
      sock.connect(at);
      return finished(sock, () -> QuicHandshake.client(sock, tls));
    });
  }

  /** A program that fails closes its socket, which is what tells the other end. */
  private static Program finished(QuicSocket sock, Callable<QuicHandshakeResult> handshake)
      throws Exception {
    boolean done = false;
    try {
      Program program = new Program(sock, handshake.call());
      done = true;
      return program;
    } finally {
      if (!done) {
        sock.close();
      }
    }
  }

  private QuicServerTls certificate() {
    return QuicServerTls.of(house.server.chain(), house.server.key(), SplitHouse.ALPN);
  }

  private QuicClientTls trusting() {
    return QuicClientTls.of(SplitHouse.NAME, SplitHouse.ALPN)
        .withTrustAnchors(List.of(house.ca.certificate()));
  }

  private static <T> T soon(Future<T> future) throws Exception {
    return future.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  // The consumer's side.

  /** Submits with a callback and waits for what it is told. */
  private static TlsResult ask(ToIntFunction<TlsDone> submit) throws Exception {
    CompletableFuture<TlsResult> result = new CompletableFuture<>();
    assertThat(submit.applyAsInt(TlsDone.of(result::complete))).isZero();
    return soon(result);
  }

  private TlsResult x509Client(QuicSocket sock) throws Exception {
    return ask(done ->
        house
            .plane
            .tls()
            .tlsClientHelloX509(
                TlsHandshakeArgs.x509(sock, done, SplitHouse.NAME, SplitHouse.TIMEOUT_MS)));
  }

  private TlsResult x509Server(QuicSocket sock) throws Exception {
    return ask(done ->
        house
            .plane
            .tls()
            .tlsServerHelloX509(TlsHandshakeArgs.x509(sock, done, null, SplitHouse.TIMEOUT_MS)));
  }

  private TlsHandshakeArgs pskArgs(QuicSocket sock, TlsDone done, Integer... serials) {
    return TlsHandshakeArgs.psk(sock, done, SplitHouse.TIMEOUT_MS, 0, List.of(serials));
  }

  private static byte[] get(QuicSocket sock, int option, byte[] in, int max) throws QuicException {
    return sock.getsockopt(QuicUapi.SOL_QUIC, option, in, max);
  }

  private static void bothWays(QuicSocket consumer, QuicSocket program) throws QuicException {
    SplitHouse.carry(consumer, program, "from the consumer");
    SplitHouse.carry(program, consumer, "from the program");
  }

  @Test
  void certificateConsumerIsClient() throws Exception {
    try (Handshaked daemon = daemon();
        QuicSocket listener = programListens()) {
      Future<Program> far = programServes(listener, certificate());
      try (QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN)) {
        TlsResult done = x509Client(consumer);
        assertThat(done.ok()).isTrue();
        // The key that stands for the server.
        assertThat(keys.describe(done.peerid()).description())
            .startsWith("tls:" + SplitHouse.NAME + " ");
        Program program = soon(far);
        assertThat(done.channelBinding()).isEqualTo(program.result().channelBinding());
        bothWays(consumer, program.sock());
      }
    }
  }

  @Test
  void certificateConsumerIsServer() throws Exception {
    try (Handshaked daemon = daemon();
        QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      Future<Program> far = programConnects(listener, trusting());
      try (QuicSocket consumer = listener.accept()) {
        TlsResult done = x509Server(consumer);
        assertThat(done.ok()).isTrue();
        assertThat(done.peerid()).isEqualTo(TlsHandshakeArgs.TLS_NO_PEERID);
        bothWays(consumer, soon(far).sock());
      }
    }
  }

  @Test
  void pskConsumerIsClient() throws Exception {
    try (Handshaked daemon = daemon();
        QuicSocket listener = programListens()) {
      QuicPsk key = QuicPsk.of(IDENTITY, SECRET);
      int unknown = keys.add("psk", "unknown to the program", SECRET, KeyDirectory.ROOT);
      Future<Program> far =
          programServes(listener, QuicServerTls.ofPsk(List.of(key), SplitHouse.ALPN));
      try (QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN)) {
        TlsResult done =
            ask(d -> house.plane.tls().tlsClientHelloPsk(pskArgs(consumer, d, unknown, psk)));
        assertThat(done.status()).isZero();
        assertThat(done.peerid()).isEqualTo(psk);
        assertThat(soon(far).result().pskIdentity()).asString().isEqualTo(IDENTITY);
        bothWays(consumer, soon(far).sock());
      }
    }
  }

  @Test
  void pskConsumerIsServer() throws Exception {
    try (Handshaked daemon = daemon();
        QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      QuicPsk key = QuicPsk.of(IDENTITY, SECRET);
      QuicClientTls tls = QuicClientTls.of(null, SplitHouse.ALPN).withPsk(List.of(key));
      Future<Program> far = programConnects(listener, tls);
      try (QuicSocket consumer = listener.accept()) {
        TlsResult done = ask(d -> house.plane.tls().tlsServerHelloPsk(pskArgs(consumer, d, psk)));
        assertThat(done.status()).isZero();
        assertThat(done.peerid()).isEqualTo(psk);
        assertThat(soon(far).result().pskIdentity()).asString().isEqualTo(IDENTITY);
        bothWays(consumer, soon(far).sock());
      }
    }
  }

  /** As the kernel's ticket client: keeps the ticket and the server's parameters, comes back. */
  @Test
  void ticketConsumerIsClient() throws Exception {
    try (Handshaked daemon = daemon();
        QuicSocket listener = programListens()) {
      byte[] ticket;
      byte[] parameters;
      Future<Program> first = programServes(listener, certificate());
      try (QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN)) {
        consumer.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, config(1, 0).encode());
        assertThat(x509Client(consumer).ok()).isTrue();
        ticket = get(consumer, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, new byte[0], 4096);
        parameters =
            get(
                consumer,
                QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM,
                new byte[] {1},
                QuicTransportParam.SIZE);
        assertThat(soon(first).result().resumed()).isFalse();
        bothWays(consumer, soon(first).sock());
      }
      assertThat(ticket).hasSizeGreaterThan(64);
      assertThat(QuicTransportParam.decode(parameters).remote()).isTrue();
      Future<Program> second = programServes(listener, certificate());
      try (QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN)) {
        consumer.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, parameters);
        consumer.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, ticket);
        assertThat(x509Client(consumer).ok()).isTrue();
        assertThat(soon(second).result().resumed()).isTrue();
        bothWays(consumer, soon(second).sock());
      }
      daemon.awaitLine(line -> line.contains("(resumed)"));
    }
  }

  /** As the kernel's ticket server: two connections, tickets under the listener's own key. */
  @Test
  void ticketConsumerIsServer() throws Exception {
    byte[] ticketKey = new byte[64];
    Arrays.fill(ticketKey, (byte) 0x5a);
    try (Handshaked daemon = daemon();
        QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      QuicSession session = null;
      for (int i = 0; i < 2; i++) {
        Future<Program> far = programConnects(listener, trusting().withSession(session));
        try (QuicSocket consumer = listener.accept()) {
          consumer.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, ticketKey);
          assertThat(x509Server(consumer).ok()).isTrue();
          Program program = soon(far);
          assertThat(program.result().resumed()).isEqualTo(i == 1);
          bothWays(consumer, program.sock());
          session = program.result().awaitSession(program.sock(), Duration.ofSeconds(10));
          assertThat(session).isNotNull();
        }
      }
      // Another key: the same ticket is worth nothing, the handshake a full one.
      Future<Program> far = programConnects(listener, trusting().withSession(session));
      try (QuicSocket consumer = listener.accept()) {
        consumer.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, new byte[64]);
        assertThat(x509Server(consumer).ok()).isTrue();
        assertThat(soon(far).result().resumed()).isFalse();
      }
    }
  }

  private static QuicConfig config(int receiveSessionTicket, int certificateRequest) {
    return new QuicConfig(0, 0, 0, 0, 0, false, false, receiveSessionTicket, certificateRequest, 0);
  }

  @Test
  void anonymousClientTakesAnyCertificate() throws Exception {
    try (Handshaked daemon = house.daemonWith("", "");
        QuicSocket listener = programListens()) {
      Future<Program> far = programServes(listener, certificate());
      try (QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN)) {
        TlsResult done =
            ask(d ->
                house
                    .plane
                    .tls()
                    .tlsClientHelloAnon(
                        TlsHandshakeArgs.x509(consumer, d, null, SplitHouse.TIMEOUT_MS)));
        assertThat(done.status()).isZero();
        bothWays(consumer, soon(far).sock());
      }
    }
  }

  /** certificate_request 0, 1 and 2, and who the consumer is told the client is. */
  @Test
  void clientsAreAskedForACertificateAsTheSocketSays() throws Exception {
    Credentials known = house.ca.client("client.house");
    try (Handshaked daemon = daemon();
        QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      for (int asked = 0; asked <= 2; asked++) {
        for (boolean shows : new boolean[] {false, true}) {
          QuicClientTls tls =
              shows ? trusting().withCertificate(known.chain(), known.key()) : trusting();
          Future<Program> far = programConnects(listener, tls);
          try (QuicSocket consumer = listener.accept()) {
            consumer.setsockopt(
                QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, config(0, asked).encode());
            TlsResult done = x509Server(consumer);
            boolean refused = asked == 2 && !shows;
            assertThat(done.status()).isEqualTo(refused ? -Errno.EACCES : 0);
            assertThat(done.peerid()).isEqualTo(asked > 0 && shows ? -1 : 0);
            await().until(far::isDone);
          }
        }
      }
    }
  }

  @Test
  void revokedExpiredAndUnknownKeys() throws Exception {
    try (Handshaked daemon = daemon();
        QuicSocket listener = programListens()) {
      int revoked = keys.add("psk", "revoked", SECRET, KeyDirectory.ROOT);
      int expired = keys.add("psk", "expired", SECRET, KeyDirectory.ROOT);
      keys.revoke(revoked);
      keys.expireAt(expired, 1);
      int[][] table = {
        {revoked, Errno.EKEYREVOKED}, {expired, Errno.EKEYEXPIRED}, {2, Errno.ENOKEY}
      };
      for (int[] row : table) {
        try (QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN)) {
          TlsResult done =
              ask(d -> house.plane.tls().tlsClientHelloPsk(pskArgs(consumer, d, row[0])));
          assertThat(done.status()).isEqualTo(-row[1]);
          assertThat(done.peerid()).isEqualTo(TlsHandshakeArgs.TLS_NO_PEERID);
        }
      }
      QuicSocket unasked = house.connect(listener.getsockname(), SplitHouse.ALPN);
      assertThat(house.plane.tls().tlsClientHelloPsk(pskArgs(unasked, (s, id) -> {})))
          .isEqualTo(-Errno.EINVAL);
      unasked.close();
    }
  }

  /** The other way round: the program is the server, and the consumer learns of its alert. */
  @Test
  void anIdentityTheProgramDoesNotKnow() throws Exception {
    try (Handshaked daemon = daemon();
        QuicSocket listener = programListens()) {
      QuicPsk other = QuicPsk.of("somebody else", SECRET);
      Future<Program> far =
          programServes(listener, QuicServerTls.ofPsk(List.of(other), SplitHouse.ALPN));
      try (QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN)) {
        TlsResult done = ask(d -> house.plane.tls().tlsClientHelloPsk(pskArgs(consumer, d, psk)));
        assertThat(done.status()).isEqualTo(-Errno.EKEYREJECTED);
      }
      assertThat(far).failsWithin(Duration.ofSeconds(SplitHouse.PATIENCE_SECONDS));
    }
  }

  @Test
  void anIdentityTheServerDoesNotKnow() throws Exception {
    try (Handshaked daemon = daemon();
        QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      QuicPsk stranger = QuicPsk.of("stranger", SECRET);
      Future<Program> far =
          programConnects(
              listener, QuicClientTls.of(null, SplitHouse.ALPN).withPsk(List.of(stranger)));
      try (QuicSocket consumer = listener.accept()) {
        TlsResult done = ask(d -> house.plane.tls().tlsServerHelloPsk(pskArgs(consumer, d)));
        assertThat(done.status()).isEqualTo(-Errno.EKEYREJECTED);
      }
      // The program learns it of the alert, 0x173.
      assertThat(far)
          .failsWithin(Duration.ofSeconds(SplitHouse.PATIENCE_SECONDS))
          .withThrowableOfType(ExecutionException.class)
          .withMessageContaining("unknown_psk_identity")
          .havingCause()
          .asInstanceOf(type(QuicException.class))
          .extracting(QuicException::errno)
          .isEqualTo(Errno.EKEYREJECTED);
      daemon.awaitLine(
          line -> line.contains("no key for the client's identity 'stranger' (EKEYREJECTED"));
    }
  }
}
