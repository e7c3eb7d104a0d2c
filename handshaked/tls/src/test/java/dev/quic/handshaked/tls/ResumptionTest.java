package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.TlsConfig.ClientAuth;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.TrustStore;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tickets: what they stand for, and when they no longer do (RFC 8446 sections 2.2, 4.6.1). */
class ResumptionTest {
  private static final int CLIENT_HELLO = 1;
  private static final int CERTIFICATE = 11;
  private static final int PRE_SHARED_KEY = 41;
  private static final int ILLEGAL_PARAMETER = 47;
  private static final Duration LIFETIME = Duration.ofHours(10);

  private final MovingClock clock = new MovingClock();
  private final RotatingTicketKeys keys = RotatingTicketKeys.random(clock, Duration.ofHours(12));

  private TlsConfig.Client client() {
    return TestCertificates.client().withClock(clock);
  }

  private TlsConfig.Server server() {
    return TestCertificates.serverConfig()
        .withClock(clock)
        .withTickets(TicketIssuer.of(keys, LIFETIME));
  }

  private static EnginePair pair(TlsConfig.Client client, TlsConfig.Server server) {
    EnginePair pair = new EnginePair(client, server).run();
    assertThat(pair.client.alert()).isNull();
    assertThat(pair.server.alert()).isNull();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.secretsAgree()).isTrue();
    assertThat(pair.client.outcome().exporter().channelBinding())
        .isEqualTo(pair.server.outcome().exporter().channelBinding());
    return pair;
  }

  private static void assertResumed(EnginePair pair) {
    assertThat(pair.client.outcome().resumed()).isTrue();
    assertThat(pair.server.outcome().resumed()).isTrue();
    assertThat(pair.server.sent(CERTIFICATE)).as("no Certificate message").isFalse();
  }

  private static void assertFull(EnginePair pair) {
    assertThat(pair.client.outcome().resumed()).isFalse();
    assertThat(pair.server.outcome().resumed()).isFalse();
    assertThat(pair.server.sent(CERTIFICATE)).isTrue();
  }

  private TlsSession session() {
    return pair(client(), server()).session();
  }

  @ParameterizedTest
  @ValueSource(ints = {51, 52, 54})
  void ticketStandsForTheCertificate(int cipher) {
    TlsSession session = pair(client().withCipher(cipher), server()).session();
    EnginePair again = pair(client().withCipher(cipher).withSession(session), server());
    assertResumed(again);
    assertThat(again.client.outcome().peerCertificates()).hasSize(1);
    assertThat(again.client.outcome().serverName()).isEqualTo(TestCertificates.HOST);
    assertThat(again.client.outcome().cipher()).isEqualTo(cipher);
    assertThat(again.client.secrets).isNotEqualTo(pair(client(), server()).client.secrets);
  }

  @Test
  void everyResumptionGivesTheNextTicket() {
    TlsSession session = session();
    for (int i = 0; i < 5; i++) {
      EnginePair again = pair(client().withSession(session), server());
      assertResumed(again);
      session = again.session();
    }
  }

  @Test
  void suiteOfTheSameHashIsEnough() {
    TlsSession session = pair(client().withCipher(51), server()).session();
    assertResumed(pair(client().withCipher(54).withSession(session), server()));
    assertFull(pair(client().withCipher(52).withSession(session), server()));
  }

  @Test
  void ticketAfterRetry() {
    TlsSession session = session();
    EnginePair again =
        pair(client().withSession(session), server().withGroups(List.of(TlsGroup.SECP384R1)));
    assertResumed(again);
    assertThat(again.client.outcome().group()).isEqualTo(TlsGroup.SECP384R1.codePoint());
  }

  @Test
  void ticketTakenBackAfterRetry() {
    int[] hellos = {0};
    EnginePair again =
        new EnginePair(
            client().withSession(session()),
            server().withGroups(List.of(TlsGroup.SECP384R1)),
            Integer.MAX_VALUE,
            message ->
                message.bytes()[0] == CLIENT_HELLO && ++hellos[0] == 2
                    ? List.of(
                        new TlsEvent.Crypto(
                            message.level(), HelloBytes.without(message.bytes(), PRE_SHARED_KEY)))
                    : List.of(message));
    again.run();
    assertThat(hellos[0]).isEqualTo(2);
    assertThat(again.server.first(TlsEvent.Alert.class).alert()).isEqualTo(ILLEGAL_PARAMETER);
  }

  @Test
  void oneShareOfTheGroupThatWorked() {
    TlsSession session = pair(client(), server().withGroups(List.of(TlsGroup.SECP256R1))).session();
    EnginePair again =
        pair(client().withSession(session), server().withGroups(List.of(TlsGroup.SECP256R1)));
    assertResumed(again);
    assertThat(
            again.client.events.stream()
                .filter(e -> e instanceof TlsEvent.Crypto c && c.level() == CryptoLevel.INITIAL))
        .hasSize(1);
  }

  @Test
  void serverForgetsAfterTheLifetime() {
    TlsSession session = session();
    // The client's clock stands, so that it offers what the server must refuse.
    TlsConfig.Client hopeful = TestCertificates.client().withSession(session);
    clock.advance(LIFETIME.minusMinutes(1));
    assertResumed(pair(hopeful, server()));
    clock.advance(Duration.ofMinutes(2));
    assertFull(pair(hopeful, server()));
  }

  @Test
  void clientOffersNoStaleTicket() {
    TlsSession session = session();
    clock.advance(LIFETIME);
    EnginePair again = new EnginePair(client().withSession(session), server());
    again.run();
    assertFull(again);
  }

  @Test
  void lifetimeCountsFromTheFirstAuthentication() {
    TlsSession session = session();
    clock.advance(LIFETIME.dividedBy(2));
    session = pair(client().withSession(session), server()).session();
    clock.advance(LIFETIME.dividedBy(2).minusMinutes(1));
    TlsSession last = pair(client().withSession(session), server()).session();
    TlsConfig.Client hopeful =
        client()
            .withClock(java.time.Clock.fixed(clock.instant(), clock.getZone()))
            .withSession(last);
    clock.advance(Duration.ofMinutes(2));
    assertFull(pair(hopeful, server()));
  }

  @Test
  void keysRotate() {
    TlsSession session = session();
    TicketIssuer longLived = TicketIssuer.of(keys, TicketIssuer.MAX_LIFETIME);
    TlsConfig.Client hopeful = TestCertificates.client().withSession(session);
    clock.advance(Duration.ofHours(12));
    assertResumed(pair(hopeful, server().withTickets(longLived)));
    clock.advance(Duration.ofHours(12));
    assertFull(pair(hopeful, server().withTickets(longLived)));
  }

  @Test
  void twoDaemons() {
    byte[] master = new byte[32];
    master[3] = 7;
    TicketIssuer one =
        TicketIssuer.of(RotatingTicketKeys.ofMaster(master, clock, Duration.ofHours(12)), LIFETIME);
    TicketIssuer other =
        TicketIssuer.of(RotatingTicketKeys.ofMaster(master, clock, Duration.ofHours(12)), LIFETIME);
    TlsSession session = pair(client(), server().withTickets(one)).session();
    assertResumed(pair(client().withSession(session), server().withTickets(other)));
    assertFull(pair(client().withSession(session), server()));
  }

  @Test
  void boundToName() {
    TlsSession session = session();
    assertFull(pair(client().withPeerName("127.0.0.1").withSession(session), server()));
  }

  @Test
  void boundToProtocol() {
    TlsSession session = session();
    TlsConfig.Server both = server().withAlpn(List.of("other", "sample"));
    assertFull(pair(client().withAlpn(List.of("other")).withSession(session), both));
    // The session's protocol is offered, but not first: the server chooses another.
    assertFull(pair(client().withAlpn(List.of("other", "sample")).withSession(session), both));
    assertResumed(pair(client().withAlpn(List.of("sample", "other")).withSession(session), both));
  }

  @Test
  void boundToQuicVersion() {
    int v1 = 1;
    int v2 = 0x6b3343cf;
    TlsSession session = pair(client().withQuicVersion(v1), server().withQuicVersion(v1)).session();
    assertResumed(
        pair(client().withQuicVersion(v1).withSession(session), server().withQuicVersion(v1)));
    assertFull(
        pair(client().withQuicVersion(v2).withSession(session), server().withQuicVersion(v2)));
  }

  @Test
  void unverifiedSessionIsNoVerifiedOne() {
    TlsSession session =
        pair(client().withVerify(false).withPeerName(TestCertificates.HOST), server()).session();
    assertFull(pair(client().withSession(session), server()));
    assertResumed(pair(client().withVerify(false).withSession(session), server()));
  }

  @Test
  void clientIdentityStaysWithTheTicket() {
    TlsConfig.Server asking = server().withClientAuth(ClientAuth.REQUIRE, TestCertificates.TRUST);
    TlsConfig.Client known = client().withCredentials(TestCertificates.CLIENT);
    TlsSession session = pair(known, asking).session();
    EnginePair again = pair(known.withSession(session), asking);
    assertResumed(again);
    assertThat(again.client.sent(CERTIFICATE)).isFalse();
    assertThat(again.server.outcome().peerCertificates())
        .hasSize(1)
        .first()
        .isEqualTo(pair(known, asking).server.outcome().peerCertificates().getFirst());
  }

  @Test
  void clientWithoutIdentityIsNotLetInByItsTicket() {
    TlsSession session = session();
    TlsConfig.Server asking = server().withClientAuth(ClientAuth.REQUIRE, TestCertificates.TRUST);
    assertFull(
        pair(client().withCredentials(TestCertificates.CLIENT).withSession(session), asking));
    EnginePair anonymous = new EnginePair(client().withSession(session), asking).run();
    assertThat(anonymous.server.alert()).isNotNull();
  }

  @Test
  void clientsOfARemovedAuthority() {
    TlsConfig.Server asking = server().withClientAuth(ClientAuth.REQUEST, TestCertificates.TRUST);
    TlsConfig.Client known = client().withCredentials(TestCertificates.CLIENT);
    TlsSession session = pair(known, asking).session();
    TlsConfig.Server stricter =
        server().withClientAuth(ClientAuth.REQUEST, TestCertificates.OTHER_CA.trustStore());
    EnginePair again = new EnginePair(known.withSession(session), stricter).run();
    // A full handshake tells the client why.
    assertThat(again.server.sent(CERTIFICATE)).isTrue();
    assertThat(again.server.alert()).isNotNull();
  }

  /** Whoever looks a server up in revocation lists needs every certificate, and its issuer's. */
  @Test
  void sessionWithoutAllOfItsChain() throws CredentialException {
    TlsConfig.Server below =
        TestCertificates.serverConfig(
                TestCertificates.CA
                    .intermediate("Middle CA", Duration.ofDays(1000))
                    .server(TestCertificates.HOST))
            .withClock(clock)
            .withTickets(TicketIssuer.of(keys, LIFETIME));
    TlsSession session = pair(client(), below).session();
    assertThat(session.peerCertificates()).hasSize(2);
    assertResumed(pair(client().withWholeChain(true).withSession(session), below));
    for (int left = 0; left < 2; left++) {
      TlsSession cut = withChain(session, session.peerCertificates().subList(0, left));
      assertResumed(pair(client().withSession(cut), below));
      EnginePair again = pair(client().withWholeChain(true).withSession(cut), below);
      assertFull(again);
      assertThat(again.client.outcome().peerCertificates()).hasSize(2);
    }
  }

  private static TlsSession withChain(TlsSession s, List<byte[]> chain) {
    return new TlsSession(
        s.suite(),
        s.group(),
        s.receivedMillis(),
        s.lifetimeSeconds(),
        s.ageAdd(),
        s.earlyData(),
        s.verified(),
        s.quicVersion(),
        s.serverName(),
        s.alpn(),
        s.ticket(),
        s.psk(),
        s.expiresMillis(),
        s.anchors(),
        chain);
  }

  /** A session stands for a chain, so it must lead to the anchors of the day. */
  @Test
  void boundToAnchors() {
    TlsSession session = session();
    EnginePair narrower =
        new EnginePair(
                trusting(TestCertificates.OTHER_CA.trustStore()).withSession(session), server())
            .run();
    assertThat(narrower.server.sent(CERTIFICATE)).isTrue();
    assertThat(narrower.client.alert()).isNotNull();
    assertResumed(pair(trusting(TestCertificates.CA.trustStore()).withSession(session), server()));
    List<X509Certificate> more = new ArrayList<>(TestCertificates.TRUST.certificates());
    more.addAll(TestCertificates.OTHER_CA.trustStore().certificates());
    TlsConfig.Client wider = trusting(TrustStore.of(more));
    EnginePair again = pair(wider.withSession(session), server());
    assertResumed(again);
    TlsSession cut = withChain(session, List.of());
    assertResumed(pair(client().withSession(cut), server()));
    assertFull(pair(wider.withSession(cut), server()));
    // What came of the wider ones is no session of the first.
    TlsSession next = withChain(again.session(), List.of());
    assertResumed(pair(wider.withSession(next), server()));
    assertFull(pair(client().withSession(next), server()));
  }

  private TlsConfig.Client trusting(TrustStore trust) {
    TlsConfig.Client c = client();
    return TlsConfig.Client.of(trust, c.peerName()).withShared(c.shared());
  }

  @Test
  void noTicketsUnlessConfigured() {
    EnginePair pair = pair(client(), TestCertificates.serverConfig().withClock(clock));
    assertThat(pair.client.has(TlsEvent.Ticket.class)).isFalse();
  }

  @Test
  void bothEndsSayTheSameToTheKeyLog() {
    StringBuilder one = new StringBuilder();
    StringBuilder other = new StringBuilder();
    TlsSession session = session();
    pair(client().withSession(session).withKeyLog(into(one)), server().withKeyLog(into(other)));
    assertThat(one.toString().lines().sorted().toList())
        .isEqualTo(other.toString().lines().sorted().toList())
        .hasSize(5);
  }

  private static KeyLog into(StringBuilder log) {
    return (label, random, secret) ->
        log.append(label)
            .append(' ')
            .append(java.util.HexFormat.of().formatHex(random))
            .append(' ')
            .append(java.util.HexFormat.of().formatHex(secret))
            .append('\n');
  }
}
