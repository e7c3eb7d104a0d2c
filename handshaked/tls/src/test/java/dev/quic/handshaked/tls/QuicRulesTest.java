package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What RFC 9001 forbids a TLS that serves QUIC. */
class QuicRulesTest {
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int EARLY_DATA = 42;
  private static final int POST_HANDSHAKE_AUTH = 49;
  private static final int CLIENT_HELLO = 1;
  private static final int NEW_SESSION_TICKET = 4;
  private static final int FINISHED = 20;

  private final MovingClock clock = new MovingClock();
  private final RotatingTicketKeys keys = RotatingTicketKeys.random(clock, Duration.ofHours(12));

  private TlsConfig.Server server(boolean early) {
    TlsConfig.Server s =
        TestCertificates.serverConfig()
            .withClock(clock)
            .withTickets(TicketIssuer.of(keys, Duration.ofDays(1)));
    return early ? s.withEarlyData(new StrikeRegister(Duration.ofSeconds(10), 100)) : s;
  }

  private static byte[] hello(EnginePair pair) {
    return sent(pair.client, CLIENT_HELLO).getFirst().bytes();
  }

  private static List<TlsEvent.Crypto> sent(EnginePair.End end, int type) {
    return end.events.stream()
        .filter(e -> e instanceof TlsEvent.Crypto)
        .map(e -> (TlsEvent.Crypto) e)
        .filter(c -> c.bytes()[0] == type)
        .toList();
  }

  /** RFC 9001 section 4.2. */
  @Test
  void clientsOfferNothingOlderThanTls13() {
    byte[] hello = hello(new EnginePair(TestCertificates.client(), server(false)).run());
    byte[] versions = HelloBytes.extension(hello, SUPPORTED_VERSIONS);
    assertThat(versions).containsExactly(2, 3, 4);
  }

  /** RFC 9001 section 8.4: a session id would ask for the compatibility mode. */
  @Test
  void clientsAskForNoCompatibilityMode() {
    EnginePair first = new EnginePair(client(), server(false)).run();
    assertThat(HelloBytes.sessionIdLength(hello(first))).isZero();
    EnginePair again = new EnginePair(client().withSession(first.session()), server(false)).run();
    assertThat(again.client.outcome().resumed()).isTrue();
    assertThat(HelloBytes.sessionIdLength(hello(again))).isZero();
  }

  private TlsConfig.Client client() {
    return TestCertificates.client().withClock(clock);
  }

  /** RFC 9001 section 5.6: a session that allows early data is no wish for it. */
  @Test
  void earlyDataIsOfferedOnlyWhenAskedFor() {
    EnginePair first = new EnginePair(client().withEarlyData(true), server(true)).run();
    assertThat(first.session().earlyData()).isTrue();
    EnginePair plain = new EnginePair(client().withSession(first.session()), server(true)).run();
    assertThat(plain.client.outcome().resumed()).isTrue();
    assertThat(HelloBytes.extension(hello(plain), EARLY_DATA)).isNull();
    assertThat(plain.client.secrets).doesNotContainKey("EARLY send");
    EnginePair asked =
        new EnginePair(client().withEarlyData(true).withSession(first.session()), server(true))
            .run();
    assertThat(HelloBytes.extension(hello(asked), EARLY_DATA)).isNotNull();
  }

  /** RFC 9001 section 4.4: after its Finished a server asks for nothing. */
  @Test
  void serversAskForNothingAfterTheHandshake() {
    for (TlsConfig.ClientAuth auth : TlsConfig.ClientAuth.values()) {
      EnginePair pair =
          new EnginePair(
                  client().withCredentials(TestCertificates.CLIENT),
                  server(true).withClientAuth(auth, TestCertificates.TRUST))
              .run();
      assertThat(pair.bothComplete()).isTrue();
      assertThat(HelloBytes.extension(hello(pair), POST_HANDSHAKE_AUTH)).isNull();
      int finished = pair.server.events.indexOf(sent(pair.server, FINISHED).getFirst());
      assertThat(pair.server.events.subList(finished + 1, pair.server.events.size()))
          .filteredOn(e -> e instanceof TlsEvent.Crypto)
          .isNotEmpty()
          .allSatisfy(e -> {
            TlsEvent.Crypto c = (TlsEvent.Crypto) e;
            assertThat(c.level()).isEqualTo(CryptoLevel.APP);
            assertThat(c.bytes()[0]).isEqualTo((byte) NEW_SESSION_TICKET);
          });
    }
  }

  /** RFC 9001 section 4.6.1: the one value early_data has, or none. */
  @Test
  void ticketsNameTheOnlyLimitOrNone() {
    for (boolean early : new boolean[] {true, false}) {
      EnginePair pair = new EnginePair(client().withEarlyData(true), server(early)).run();
      List<TlsEvent.Crypto> tickets = sent(pair.server, NEW_SESSION_TICKET);
      assertThat(tickets).isNotEmpty();
      for (TlsEvent.Crypto t : tickets) {
        assertThat(limit(t.bytes())).isEqualTo(early ? 0xffff_ffffL : -1);
      }
    }
  }

  /** The max_early_data_size of a ticket; -1 for none. */
  private static long limit(byte[] ticket) {
    ByteBuffer b = ByteBuffer.wrap(ticket).position(4 + 8);
    skip(b, b.get() & 0xff);
    skip(b, b.getShort() & 0xffff);
    b.getShort();
    while (b.hasRemaining()) {
      int type = b.getShort() & 0xffff;
      int length = b.getShort() & 0xffff;
      if (type == EARLY_DATA) {
        return b.getInt() & 0xffff_ffffL;
      }
      skip(b, length);
    }
    return -1;
  }

  private static void skip(ByteBuffer b, int n) {
    b.position(b.position() + n);
  }
}
