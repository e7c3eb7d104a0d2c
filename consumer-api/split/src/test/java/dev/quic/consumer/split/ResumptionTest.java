package dev.quic.consumer.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.session.QuicSession;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicTransportParam;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ResumptionTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String NAME = "server.test";

  private static CertificateAuthority ca;
  private static Credentials own;

  /** Both ends of one connection. */
  private record Connection(
      MemorySocket client,
      MemorySocket server,
      QuicHandshakeResult atClient,
      QuicHandshakeResult atServer) {
    QuicSession session() throws QuicException {
      return Objects.requireNonNull(atClient.awaitSession(client, LONG));
    }
  }

  @BeforeAll
  static void certificates() throws Exception {
    ca = CertificateAuthority.create("test ca", Instant.now());
    own = ca.server(NAME);
  }

  private static QuicServerTls serverTls() {
    return QuicServerTls.of(own.chain(), own.key(), "one").withTickets();
  }

  private static QuicClientTls clientTls() {
    return QuicClientTls.of(NAME, "one").withTrustAnchors(List.of(ca.certificate()));
  }

  private static Connection connect(QuicClientTls clientTls, QuicServerTls serverTls)
      throws Exception {
    return connect(MemorySocket.pair(), clientTls, serverTls);
  }

  private static Connection connect(
      MemorySocket[] pair, QuicClientTls clientTls, QuicServerTls serverTls) throws Exception {
    CompletableFuture<QuicHandshakeResult> served = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            served.complete(QuicHandshake.server(pair[1], serverTls));
          } catch (QuicException e) {
            served.completeExceptionally(e);
          }
        });
    QuicHandshakeResult atClient = QuicHandshake.client(pair[0], clientTls);
    return new Connection(pair[0], pair[1], atClient, served.join());
  }

  @Test
  void aSessionResumesWithoutCertificates() throws Exception {
    QuicServerTls server = serverTls();
    Connection first = connect(clientTls(), server);
    assertThat(first.atClient.resumed()).isFalse();
    assertThat(first.atServer.session(first.server)).isNull();
    QuicSession session = first.session();
    Connection second = connect(clientTls().withSession(session), server);
    assertThat(second.atClient.resumed()).isTrue();
    assertThat(second.atServer.resumed()).isTrue();
    assertThat(second.atClient.peerCertificates()).isEqualTo(own.chain());
    assertThat(second.server.sent).isLessThan(first.server.sent - own.leaf().getEncoded().length);
    assertThat(second.atClient.channelBinding())
        .isEqualTo(second.atServer.channelBinding())
        .isNotEqualTo(first.atClient.channelBinding());
    assertThat(second.session().tls()).isNotEqualTo(session.tls());
  }

  @Test
  void aSessionSurvivesStorage() throws Exception {
    QuicServerTls server = serverTls();
    byte[] stored = connect(clientTls(), server).session().encode();
    Connection second = connect(clientTls().withSession(QuicSession.parse(stored)), server);
    assertThat(second.atClient.resumed()).isTrue();
  }

  @Test
  void otherKeysMakeAFullHandshake() throws Exception {
    QuicSession session = connect(clientTls(), serverTls()).session();
    Connection second = connect(clientTls().withSession(session), serverTls());
    assertThat(second.atClient.resumed()).isFalse();
    assertThat(second.atServer.resumed()).isFalse();
  }

  @Test
  void sharedSecretsShareTickets() throws Exception {
    byte[] secret = new byte[QuicTicketKeys.MIN_SECRET];
    QuicTicketKeys one = QuicTicketKeys.ofSecret(secret, QuicTicketKeys.DEFAULT_PERIOD);
    QuicTicketKeys two = QuicTicketKeys.ofSecret(secret, QuicTicketKeys.DEFAULT_PERIOD);
    QuicSession session = connect(clientTls(), serverTls().withTicketKeys(one)).session();
    QuicServerTls other = serverTls().withTicketKeys(two);
    assertThat(connect(clientTls().withSession(session), other).atClient.resumed()).isTrue();
    two.destroy();
    assertThat(two.isDestroyed()).isTrue();
    assertThat(one.isDestroyed()).isFalse();
  }

  @Test
  void junkInASessionMakesAFullHandshake() throws Exception {
    QuicSession junk =
        QuicSession.of(new byte[100], new byte[0], new byte[0], Long.MAX_VALUE, true);
    assertThat(connect(clientTls().withSession(junk), serverTls()).atClient.resumed()).isFalse();
  }

  @Test
  void limitsAndTokenAreRemembered() throws Exception {
    QuicServerTls server = serverTls().withEarlyData(true);
    MemorySocket[] pair = MemorySocket.pair();
    pair[0].token = new byte[] {1, 2, 3};
    pair[0].remembered = QuicTransportParam.windows(100_000, 50_000).encode();
    QuicSession session = connect(pair, clientTls(), server).session();
    assertThat(session.earlyData()).isTrue();
    assertThat(session.isLive(Instant.now())).isTrue();

    MemorySocket[] again = MemorySocket.pair();
    QuicClientTls tls = clientTls().withSession(session);
    assertThat(QuicHandshake.prepareEarlyData(again[0], tls)).isFalse();
    assertThat(again[0].remembered).isEmpty();
    tls = tls.withEarlyData(true);
    assertThat(QuicHandshake.prepareEarlyData(again[0], tls)).isTrue();
    QuicTransportParam limits = QuicTransportParam.decode(again[0].remembered);
    assertThat(limits.remote()).isTrue();
    assertThat(limits.maxData()).isEqualTo(100_000);
    assertThat(limits.maxStreamDataUni()).isEqualTo(50_000);

    Connection second = connect(again, tls, server);
    assertThat(again[0].token).containsExactly(1, 2, 3);
    assertThat(second.atClient.earlyDataAccepted()).isTrue();
    assertThat(second.atServer.earlyDataAccepted()).isTrue();
    assertThat(again[0].earlyAnswer).isEqualTo(1);
    assertThat(again[0].secrets).containsKey("send3");
    assertThat(again[1].secrets.get("recv3")).isEqualTo(again[0].secrets.get("send3"));
  }

  @Test
  void earlyDataThatIsNotTakenIsSaid() throws Exception {
    QuicTicketKeys keys = QuicTicketKeys.random();
    QuicServerTls taking = serverTls().withTicketKeys(keys).withEarlyData(true);
    QuicSession session = connect(clientTls(), taking).session();
    QuicClientTls tls = clientTls().withSession(session).withEarlyData(true);
    Connection refused = connect(tls, serverTls().withTicketKeys(keys));
    assertThat(refused.atClient.resumed()).isTrue();
    assertThat(refused.atClient.earlyDataAccepted()).isFalse();
    assertThat(refused.client.earlyAnswer).isZero();
  }

  @Test
  void noSessionNoEarlyData() throws Exception {
    QuicClientTls tls = clientTls().withEarlyData(true);
    assertThat(QuicHandshake.prepareEarlyData(MemorySocket.pair()[0], tls)).isFalse();
    Connection plain = connect(tls, serverTls());
    assertThat(plain.client.earlyAnswer).isEqualTo(-1);
    assertThat(plain.session().earlyData()).isFalse();
  }

  @Test
  void theSocketsWaitLeavesASessionInItsOption() throws Exception {
    QuicServerTls server = serverTls();
    MemorySocket[] pair = MemorySocket.pair();
    pair[0].config[19] = 10;
    Connection first = connect(pair, clientTls(), server);
    byte[] option = pair[0].getsockopt(QuicUapi.SOL_QUIC, 12, new byte[0], 4096);
    QuicSession session = Objects.requireNonNull(first.atClient.session(pair[0]));
    assertThat(session.tls()).isEqualTo(option);

    MemorySocket[] raw = MemorySocket.pair();
    raw[0].setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, option);
    assertThat(connect(raw, clientTls(), server).atClient.resumed()).isTrue();
  }

  @Test
  void steppersResume() throws Exception {
    QuicServerTls server = serverTls().withEarlyData(true);
    QuicSession session = connect(clientTls(), server).session();
    MemorySocket[] pair = MemorySocket.pair();
    pair[0].config[19] = 10;
    QuicClientTls tls = clientTls().withSession(session).withEarlyData(true);
    try (HandshakeStepper c = HandshakeStepper.client(tls);
        HandshakeStepper s = HandshakeStepper.server(server)) {
      boolean more = true;
      while (more) {
        more = Steps.runUntilBlocked(c, pair[0]);
        more |= Steps.runUntilBlocked(s, pair[1]);
      }
      assertThat(c.result().resumed()).isTrue();
      assertThat(c.result().earlyDataAccepted()).isTrue();
      assertThat(s.result().export("label", new byte[] {1}, 16))
          .isEqualTo(c.result().export("label", new byte[] {1}, 16));
      assertThat(c.result().session(pair[0])).isNotNull();
    }
  }

  @Test
  void earlyDeliveryIsTheSocketsOption() throws Exception {
    MemorySocket[] pair = MemorySocket.pair();
    connect(pair, clientTls(), serverTls().withEarlyDelivery((msg, buffer, length) -> {}));
    assertThat(pair[1].earlyDelivery).isTrue();
  }

  @Test
  void aWipedResultGivesNothing() throws Exception {
    Connection first = connect(clientTls(), serverTls());
    QuicHandshakeResult result = first.atClient;
    first.session();
    result.close();
    assertThat(result.isDestroyed()).isTrue();
    assertThat(result.session(first.client)).isNull();
    assertThat(result.awaitSession(first.client, LONG)).isNull();
    assertThatThrownBy(result::channelBinding).isInstanceOf(IllegalStateException.class);
    assertThat(result.alpn()).isEqualTo("one");
  }

  @Test
  void aTicketThatDoesNotComeIsWaitedForInVain() throws Exception {
    QuicServerTls mute = QuicServerTls.of(own.chain(), own.key(), "one");
    Connection first = connect(clientTls(), mute);
    assertThat(first.atClient.awaitSession(first.client, Duration.ofMillis(20))).isNull();
    assertThat(first.atClient.pskIdentity()).isNull();
    assertThat(first.atClient.cipher()).isIn(51, 52, 54);
  }

  @Test
  void lifetimesAreBounded() {
    assertThatThrownBy(() -> serverTls().withTicketLifetime(Duration.ofDays(8)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> serverTls().withTicketLifetime(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
