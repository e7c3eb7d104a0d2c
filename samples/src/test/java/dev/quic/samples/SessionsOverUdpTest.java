package dev.quic.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.connection.QuicClient;
import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.session.FileSessionStore;
import dev.quic.consumer.session.QuicSession;
import dev.quic.consumer.session.SessionStore;
import dev.quic.consumer.split.HandshakeStep;
import dev.quic.consumer.split.HandshakeStepper;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicHandshakeResult;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.consumer.split.QuicTicketKeys;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions as a program uses them, through two data planes. */
@Timeout(120)
final class SessionsOverUdpTest {
  private static final String NAME = "server.test";
  private static final String KEY = SessionStore.key(NAME, 1, "echo");
  private static final Duration LONG = Duration.ofSeconds(30);

  private static CertificateAuthority ca;
  private static Credentials own;

  @TempDir private Path dir;

  @BeforeAll
  static void certificates() throws Exception {
    ca = CertificateAuthority.create("test ca", Instant.now());
    own = ca.server(NAME);
  }

  private static QuicServerTls serverTls() {
    return QuicServerTls.of(own.chain(), own.key(), "echo").withTickets();
  }

  private static QuicClientTls clientTls(@Nullable QuicSession session) {
    return QuicClientTls.of(NAME, "echo")
        .withTrustAnchors(List.of(ca.certificate()))
        .withSession(session);
  }

  /** What one connection came to at both ends. */
  private record Outcome(
      QuicHandshakeResult atClient,
      QuicHandshakeResult atServer,
      QuicSession next,
      String answer) {}

  /** One connection with one echo, asked for before the handshake when that is allowed. */
  private static Outcome connect(QuicSockets sockets, EchoServer server, QuicClientTls tls)
      throws Exception {
    try (QuicSocket sock = sockets.socket(QuicUapi.AF_INET)) {
      SocketOptions.setAlpn(sock, "echo");
      sock.connect(server.address());
      boolean early = QuicHandshake.prepareEarlyData(sock, tls);
      if (early) {
        send(sock, "early");
      }
      QuicHandshakeResult agreed = QuicHandshake.client(sock, tls);
      if (!early) {
        send(sock, "late");
      }
      String answer = receive(sock);
      QuicSession next = Objects.requireNonNull(agreed.awaitSession(sock, LONG));
      QuicHandshakeResult atServer =
          Objects.requireNonNull(server.handshakes.poll(LONG.toSeconds(), TimeUnit.SECONDS));
      return new Outcome(agreed, atServer, next, answer);
    }
  }

  private static void send(QuicSocket sock, String text) throws Exception {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int flags = QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN;
    assertThat(sock.sendmsg(QuicMsg.stream(0, flags), bytes, 0, bytes.length))
        .isEqualTo(bytes.length);
  }

  private static String receive(QuicSocket sock) throws Exception {
    StringBuilder text = new StringBuilder();
    byte[] buf = new byte[100];
    QuicMsg msg = QuicMsg.plain();
    do {
      msg.flags = 0;
      int n = sock.recvmsg(msg, buf, 0, buf.length);
      text.append(new String(buf, 0, n, StandardCharsets.US_ASCII));
    } while (!msg.isFin());
    return text.toString();
  }

  @Test
  void aStoredSessionResumes() throws Exception {
    SessionStore store = FileSessionStore.open(dir.resolve("store"));
    try (EchoServer server = new EchoServer(serverTls());
        QuicSockets sockets = Transport.inProcess().open()) {
      Outcome first = connect(sockets, server, clientTls(null));
      assertThat(first.atClient.resumed()).isFalse();
      store.put(KEY, first.next);
      Outcome second = connect(sockets, server, clientTls(store.take(KEY)));
      assertThat(second.answer).isEqualTo("late");
      assertThat(second.atClient.resumed()).isTrue();
      assertThat(second.atServer.resumed()).isTrue();
      assertThat(second.atServer.channelBinding()).isEqualTo(second.atClient.channelBinding());
      assertThat(second.atClient.peerCertificates()).isEqualTo(own.chain());
    }
  }

  @Test
  void aTicketOfTheSocketsOwnKeyResumesToo() throws Exception {
    QuicServerTls kernelLike = QuicServerTls.of(own.chain(), own.key(), "echo");
    try (EchoServer server = new EchoServer(kernelLike);
        QuicSockets sockets = Transport.inProcess().open()) {
      QuicSession session = connect(sockets, server, clientTls(null)).next;
      assertThat(connect(sockets, server, clientTls(session)).atClient.resumed()).isTrue();
    }
  }

  private static int version(QuicSocket sock) throws Exception {
    byte[] config =
        sock.getsockopt(
            QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, new byte[0], QuicConfig.SIZE);
    return QuicConfig.decode(config).version();
  }

  @Test
  void aClientBeginsWithTheVersionOfItsSession() throws Exception {
    try (EchoServer server = new EchoServer(serverTls());
        QuicSockets sockets = Transport.inProcess().open();
        QuicSocket sock = sockets.socket(QuicUapi.AF_INET)) {
      SocketOptions.setAlpn(sock, "echo");
      QuicConfig two = new QuicConfig(QuicUapi.QUIC_VERSION_V2, 0, 0, 0, 0, false, false, 0, 0, 0);
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, two.encode());
      sock.connect(server.address());
      QuicHandshakeResult agreed = QuicHandshake.client(sock, clientTls(null));
      QuicSession session = Objects.requireNonNull(agreed.awaitSession(sock, LONG));
      assertThat(version(sock)).isEqualTo(QuicUapi.QUIC_VERSION_V2);
      assertThat(clientTls(session).sessionVersion()).isEqualTo(QuicUapi.QUIC_VERSION_V2);
      assertThat(clientTls(null).sessionVersion()).isZero();

      QuicClient client =
          QuicClient.to("127.0.0.1", server.address().getPort())
              .protocols("echo")
              .serverName(NAME)
              .tls(t -> t.withTrustAnchors(List.of(ca.certificate())).withSession(session))
              .sockets(sockets);
      try (QuicConnection c = client.connect()) {
        assertThat(version(c.socket())).isEqualTo(QuicUapi.QUIC_VERSION_V2);
        assertThat(c.handshake().resumed()).isTrue();
      }
    }
  }

  @Test
  void aServerWithOtherKeysMakesAFullHandshake() throws Exception {
    QuicSession session;
    try (QuicSockets sockets = Transport.inProcess().open()) {
      try (EchoServer server = new EchoServer(serverTls())) {
        session = connect(sockets, server, clientTls(null)).next;
      }
      QuicTicketKeys others = QuicTicketKeys.random();
      try (EchoServer server = new EchoServer(serverTls().withTicketKeys(others))) {
        Outcome second = connect(sockets, server, clientTls(session).withEarlyData(true));
        assertThat(second.atClient.resumed()).isFalse();
        assertThat(second.answer).isEqualTo("late");
      }
    }
  }

  @Test
  void earlyDataIsAnswered() throws Exception {
    try (EchoServer server = new EchoServer(serverTls().withEarlyData(true));
        QuicSockets sockets = Transport.inProcess().open()) {
      QuicSession session = connect(sockets, server, clientTls(null)).next;
      assertThat(session.earlyData()).isTrue();
      assertThat(session.token()).isNotEmpty();
      Outcome second = connect(sockets, server, clientTls(session).withEarlyData(true));
      assertThat(second.answer).isEqualTo("early");
      assertThat(second.atClient.earlyDataAccepted()).isTrue();
      assertThat(second.atServer.earlyDataAccepted()).isTrue();
      Outcome third = connect(sockets, server, clientTls(second.next).withEarlyData(true));
      assertThat(third.atClient.earlyDataAccepted()).isTrue();
    }
  }

  @Test
  void refusedEarlyDataIsSentAgain() throws Exception {
    QuicServerTls taking = serverTls().withEarlyData(true);
    try (QuicSockets sockets = Transport.inProcess().open()) {
      QuicSession session;
      try (EchoServer server = new EchoServer(taking)) {
        session = connect(sockets, server, clientTls(null)).next;
      }
      try (EchoServer server = new EchoServer(taking.withEarlyData(false))) {
        Outcome second = connect(sockets, server, clientTls(session).withEarlyData(true));
        assertThat(second.atClient.resumed()).isTrue();
        assertThat(second.atClient.earlyDataAccepted()).isFalse();
        assertThat(second.answer).isEqualTo("early");
      }
    }
  }

  @Test
  void aFullHandshakeRefusesEarlyDataToo() throws Exception {
    try (QuicSockets sockets = Transport.inProcess().open()) {
      QuicSession session;
      try (EchoServer server = new EchoServer(serverTls().withEarlyData(true))) {
        session = connect(sockets, server, clientTls(null)).next;
      }
      try (EchoServer server = new EchoServer(serverTls().withEarlyData(true))) {
        Outcome second = connect(sockets, server, clientTls(session).withEarlyData(true));
        assertThat(second.atClient.resumed()).isFalse();
        assertThat(second.atClient.earlyDataAccepted()).isFalse();
        assertThat(second.answer).isEqualTo("early");
      }
    }
  }

  @Test
  void earlyDataOfASessionThatDoesNotFitGoesAfterTheHandshake() throws Exception {
    try (EchoServer server = new EchoServer(serverTls().withEarlyData(true));
        QuicSockets sockets = Transport.inProcess().open()) {
      QuicSession session = connect(sockets, server, clientTls(null)).next;
      QuicClientTls unverified = clientTls(session).withEarlyData(true).insecure();
      QuicSession unchecked = connect(sockets, server, clientTls(null).insecure()).next;
      assertThat(connect(sockets, server, unverified).atClient.resumed()).isTrue();
      QuicClientTls verifying = clientTls(unchecked).withEarlyData(true);
      Outcome full = connect(sockets, server, verifying);
      assertThat(full.atClient.resumed()).isFalse();
      assertThat(full.answer).isEqualTo("early");
    }
  }

  @Test
  void earlyDeliveryGivesItOutDuringTheHandshake() throws Exception {
    LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();
    QuicServerTls tls =
        serverTls()
            .withEarlyData(true)
            .withEarlyDelivery((msg, buffer, length) ->
                received.add(
                    msg.streamId
                        + new String(buffer, 0, length, StandardCharsets.US_ASCII)
                        + msg.isFin()));
    try (EchoServer server = new EchoServer(tls);
        QuicSockets sockets = Transport.inProcess().open()) {
      QuicSession session = connect(sockets, server, clientTls(null)).next;
      QuicClientTls again = clientTls(session).withEarlyData(true);
      try (QuicSocket sock = sockets.socket(QuicUapi.AF_INET)) {
        SocketOptions.setAlpn(sock, "echo");
        sock.connect(server.address());
        assertThat(QuicHandshake.prepareEarlyData(sock, again)).isTrue();
        send(sock, "early");
        HandshakeStepper handshake = HandshakeStepper.client(again);
        try (handshake) {
          int sent = 0;
          for (HandshakeStep step = handshake.step(); step != null; step = handshake.step()) {
            boolean sends = step.op() == HandshakeStep.Op.SENDMSG;
            if (sends && ++sent == 2) {
              // The Finished waits until the server's program has the early data.
              assertThat(received.poll(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo("0earlytrue");
            }
            step.perform(sock);
            if (step.retval() == -Errno.EAGAIN) {
              sock.pollIn(LONG.toMillis());
            }
          }
          assertThat(handshake.result().earlyDataAccepted()).isTrue();
        }
      }
    }
  }
}
