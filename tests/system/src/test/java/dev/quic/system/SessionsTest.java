package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.TlsDone;
import dev.quic.consumer.TlsHandshakeArgs;
import dev.quic.consumer.TlsResult;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Consumers at both ends, with tags, channel bindings and tickets from daemons. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("NullAway.Init") // JUnit
final class SessionsTest {
  private static final String[] CONFIG = {
    "[debug]",
    "keylog=no",
    "[authenticate.client]",
    "x509.truststore=ca.pem",
    "x509.certificate=client.pem",
    "x509.private_key=client.key",
    "[authenticate.server]",
    "x509.truststore=ca.pem",
    "x509.certificate=server.pem",
    "x509.private_key=server.key"
  };

  @TempDir Path dir;
  private SplitHouse house;

  @BeforeEach
  void open() throws Exception {
    house = new SplitHouse(dir);
    house.identity("client", house.ca.client("backup7.test"));
  }

  @AfterEach
  void close() {
    house.close();
  }

  private static String[] with(String... more) {
    String[] all = java.util.Arrays.copyOf(CONFIG, CONFIG.length + more.length);
    System.arraycopy(more, 0, all, CONFIG.length, more.length);
    return all;
  }

  /** Two consumers' ends of one connection, and how their handshakes ended. */
  private record Pair(QuicSocket client, QuicSocket server, TlsResult up, TlsResult down)
      implements AutoCloseable {
    @Override
    public void close() throws QuicException {
      client.close();
      server.close();
    }
  }

  private static void config(QuicSocket s, int receiveTicket, int certificateRequest)
      throws QuicException {
    byte[] value =
        new QuicConfig(0, 0, 0, 0, 0, false, false, receiveTicket, certificateRequest, 0).encode();
    s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, value);
  }

  private static byte[] ticket(QuicSocket s) throws QuicException {
    return s.getsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, new byte[0], 4096);
  }

  /**
   * @param session empty for none
   * @param ticketKey the server socket's own, empty for none
   */
  private Pair connect(QuicSocket listener, byte[] session, byte[] ticketKey) throws Exception {
    CompletableFuture<TlsResult> up = new CompletableFuture<>();
    CompletableFuture<TlsResult> down = new CompletableFuture<>();
    QuicSocket client = house.connect(listener.getsockname(), SplitHouse.ALPN);
    config(client, 5, 0);
    if (session.length > 0) {
      client.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, session);
    }
    TlsDone first = TlsDone.of(up::complete);
    assertThat(
            house
                .plane
                .tls()
                .tlsClientHelloX509(
                    TlsHandshakeArgs.x509(client, first, SplitHouse.NAME, SplitHouse.TIMEOUT_MS)))
        .isZero();
    QuicSocket server = listener.accept();
    config(server, 0, 2);
    if (ticketKey.length > 0) {
      server.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, ticketKey);
    }
    TlsDone second = TlsDone.of(down::complete);
    assertThat(
            house
                .plane
                .tls()
                .tlsServerHelloX509(
                    TlsHandshakeArgs.x509(server, second, null, SplitHouse.TIMEOUT_MS)))
        .isZero();
    return new Pair(
        client,
        server,
        up.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS),
        down.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS));
  }

  /** Servers' handshakes that a daemon logged, once there are so many: how many were resumed. */
  private static long resumptions(Handshaked daemon, int of) {
    List<String> all = new ArrayList<>();
    await()
        .until(() -> {
          all.clear();
          daemon.lines().stream().filter(l -> l.contains("server handshake")).forEach(all::add);
          return all.size() == of;
        });
    return all.stream().filter(l -> l.contains("succeeded (resumed)")).count();
  }

  /** A first connection, and a second with its session. */
  private void twice(byte[] ticketKey) throws Exception {
    try (QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      byte[] session;
      try (Pair pair = connect(listener, new byte[0], ticketKey)) {
        session = ticket(pair.client);
      }
      try (Pair pair = connect(listener, session, ticketKey)) {
        assertThat(pair.up.ok()).isTrue();
        assertThat(pair.down.ok()).isTrue();
      }
    }
  }

  @Test
  void tagsAndTheChannelBindingReachBothConsumers() throws Exception {
    Files.createDirectory(dir.resolve("tags.d"));
    Files.writeString(
        dir.resolve("tags.d/house.yml"),
        """
        filters:
          ours: {type: x509.tbs.issuer, pattern: "*CN=house authority*"}
          backup: {type: x509.tbs.subject, pattern: "*CN=backup?.test"}
        tags:
          member: {filter: [ours]}
          backup: {filter: [ours, backup]}
          stranger: {filter: [not ours]}
        """);
    try (Handshaked daemon = house.daemonOf(Map.of(), CONFIG);
        QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      byte[] session;
      try (Pair pair = connect(listener, new byte[0], new byte[0])) {
        assertThat(pair.up.ok()).isTrue();
        assertThat(pair.up.tags()).containsExactly("member");
        assertThat(pair.down.tags()).containsExactly("backup", "member");
        assertThat(pair.up.channelBinding()).hasSize(32).isEqualTo(pair.down.channelBinding());
        session = ticket(pair.client);
      }
      // A resumed session is who it was; a bad definition changes nothing, a good one does.
      Files.writeString(dir.resolve("tags.d/more.yml"), "tags: {bad: {filter: nothing}}");
      daemon.awaitLine(l -> l.contains("more.yml:1: tag 'bad': there is no filter 'nothing'"));
      try (Pair pair = connect(listener, session, new byte[0])) {
        assertThat(pair.down.tags()).containsExactly("backup", "member");
        assertThat(resumptions(daemon, 2)).isEqualTo(1);
      }
      Files.writeString(dir.resolve("tags.d/more.yml"), "tags: {new: {filter: backup}}");
      daemon.awaitLine(l -> l.contains("configuration read again"));
      try (Pair pair = connect(listener, new byte[0], new byte[0])) {
        assertThat(pair.down.tags()).containsExactly("backup", "member", "new");
      }
    }
  }

  @Test
  void ticketsOfTheDaemonOrOfTheSocketsOwnKey() throws Exception {
    byte[] own = new byte[64];
    own[3] = 5;
    try (Handshaked daemon = house.daemonOf(Map.of(), CONFIG)) {
      twice(new byte[0]);
      assertThat(resumptions(daemon, 2)).isEqualTo(1);
      twice(own);
      assertThat(resumptions(daemon, 4)).isEqualTo(2);
      house.configure(with("[session]", "tickets=no"));
      daemon.awaitLine(l -> l.contains("configuration read again"));
      twice(new byte[0]);
      assertThat(resumptions(daemon, 6)).isEqualTo(2);
      twice(own);
      assertThat(resumptions(daemon, 8)).isEqualTo(3);
    }
  }

  @Test
  void daemonsThatShareASecretTakeEachOthersTickets() throws Exception {
    Path secret = Files.write(dir.resolve("tickets.key"), new byte[48]);
    Files.setPosixFilePermissions(
        secret, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    String[] shared = with("[session]", "ticket_keys=tickets.key");
    try (QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      byte[] session;
      try (Handshaked first = house.daemonOf(Map.of(), shared);
          Pair pair = connect(listener, new byte[0], new byte[0])) {
        session = ticket(pair.client);
        assertThat(session).isNotEmpty();
      }
      try (Handshaked second = house.daemonOf(Map.of(), shared);
          Pair pair = connect(listener, session, new byte[0])) {
        assertThat(pair.down.ok()).isTrue();
        assertThat(resumptions(second, 1)).isEqualTo(1);
      }
      // Its keys are random: a full handshake, and nothing worse.
      try (Handshaked third = house.daemonOf(Map.of(), CONFIG);
          Pair pair = connect(listener, session, new byte[0])) {
        assertThat(pair.down.ok()).isTrue();
        assertThat(resumptions(third, 1)).isZero();
      }
    }
  }
}
