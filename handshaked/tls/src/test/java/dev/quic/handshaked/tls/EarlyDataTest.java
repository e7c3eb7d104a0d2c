package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Early data (RFC 8446 sections 2.3, 4.2.10, 8; RFC 9001 section 4.6). */
class EarlyDataTest {
  private static final Duration WINDOW = Duration.ofSeconds(10);

  private final MovingClock clock = new MovingClock();
  private final RotatingTicketKeys keys = RotatingTicketKeys.random(clock, Duration.ofHours(12));
  private final StrikeRegister register = new StrikeRegister(WINDOW, 1000);

  private TlsConfig.Client client() {
    return TestCertificates.client().withClock(clock).withEarlyData(true);
  }

  private TlsConfig.Server server() {
    return plainServer().withEarlyData(register);
  }

  private TlsConfig.Server plainServer() {
    return TestCertificates.serverConfig()
        .withClock(clock)
        .withTickets(TicketIssuer.of(keys, Duration.ofDays(1)));
  }

  private static EnginePair pair(TlsConfig.Client client, TlsConfig.Server server) {
    EnginePair pair = new EnginePair(client, server).run();
    assertThat(pair.client.alert()).isNull();
    assertThat(pair.server.alert()).isNull();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.secretsAgree()).isTrue();
    return pair;
  }

  private TlsSession session() {
    return pair(client(), server()).session();
  }

  private static void assertTaken(EnginePair pair) {
    assertThat(pair.client.first(TlsEvent.EarlyData.class).accepted()).isTrue();
    assertThat(pair.client.outcome().earlyData()).isTrue();
    assertThat(pair.server.outcome().earlyData()).isTrue();
    assertThat(pair.server.secrets.get("EARLY recv"))
        .isNotNull()
        .isEqualTo(pair.client.secrets.get("EARLY send"));
  }

  private static void assertRefused(EnginePair pair) {
    assertThat(pair.client.first(TlsEvent.EarlyData.class).accepted()).isFalse();
    assertThat(pair.client.outcome().earlyData()).isFalse();
    assertThat(pair.server.outcome().earlyData()).isFalse();
    assertThat(pair.server.secrets).doesNotContainKey("EARLY recv");
  }

  @Test
  void taken() {
    EnginePair pair = pair(client().withSession(session()), server());
    assertTaken(pair);
    assertThat(pair.client.outcome().resumed()).isTrue();
    // The secret is there as soon as the ClientHello is, and the server's before its own flight.
    assertThat(pair.client.events.subList(0, 2))
        .satisfiesExactly(
            first -> assertThat(first).isInstanceOf(TlsEvent.Crypto.class),
            second ->
                assertThat(second)
                    .isInstanceOfSatisfying(
                        TlsEvent.Secret.class,
                        s -> assertThat(s.level()).isEqualTo(CryptoLevel.EARLY)));
    int secret =
        pair.server.events.indexOf(
            pair.server.events.stream()
                .filter(e -> e instanceof TlsEvent.Secret s && s.level() == CryptoLevel.EARLY)
                .findFirst()
                .orElseThrow());
    assertThat(secret)
        .isLessThan(pair.server.events.indexOf(pair.server.first(TlsEvent.Crypto.class)));
  }

  @Test
  void offUnlessTheServerAsksForIt() {
    // A ticket of a server without early data does not allow it: the client does not even offer.
    TlsSession session = pair(client(), plainServer()).session();
    assertThat(session.earlyData()).isFalse();
    EnginePair pair = pair(client().withSession(session), server());
    assertThat(pair.client.has(TlsEvent.EarlyData.class)).isFalse();
    assertThat(pair.client.outcome().resumed()).isTrue();
  }

  @Test
  void refusedByAServerThatTakesNoneNow() {
    EnginePair pair = pair(client().withSession(session()), plainServer());
    assertRefused(pair);
    assertThat(pair.client.outcome().resumed()).isTrue();
  }

  @Test
  void refusedAfterRetry() {
    assertRefused(
        pair(client().withSession(session()), server().withGroups(List.of(TlsGroup.SECP384R1))));
  }

  @Test
  void refusedWhenTheTicketIsUnknown() {
    RotatingTicketKeys others = RotatingTicketKeys.random(clock, Duration.ofHours(12));
    EnginePair pair =
        pair(
            client().withSession(session()),
            server().withTickets(TicketIssuer.of(others, Duration.ofDays(1))));
    assertRefused(pair);
    assertThat(pair.client.outcome().resumed()).isFalse();
  }

  @Test
  void refusedByAnotherRegister() {
    // A daemon that started anew cannot know what the one before it has seen.
    assertRefused(
        pair(
            client().withSession(session()),
            server().withEarlyData(new StrikeRegister(WINDOW, 1000))));
  }

  @Test
  void refusedWhenStale() {
    TlsSession session = session();
    TlsEngine client =
        TlsEngines.client(client().withSession(session), EnginePair.clientParameters());
    client.start();
    List<TlsEvent> flight = client.drain();
    clock.advance(WINDOW.plusSeconds(1));
    TlsEngine server = TlsEngines.server(server());
    assertThat(replay(flight, server)).as("no early secret").isFalse();
  }

  @Test
  void copiedFirstFlightIsTakenOnce() {
    TlsSession session = session();
    TlsEngine client =
        TlsEngines.client(client().withSession(session), EnginePair.clientParameters());
    client.start();
    List<TlsEvent> flight = client.drain();
    List<Boolean> taken = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      taken.add(replay(flight, TlsEngines.server(server())));
      clock.advance(Duration.ofSeconds(2));
    }
    assertThat(taken).containsExactly(true, false, false, false, false);
    assertThat(register.refused()).isEqualTo(4);
  }

  /** Whether a server that gets a first flight takes its early data. */
  private static boolean replay(List<TlsEvent> flight, TlsEngine server) {
    server.start();
    for (TlsEvent event : flight) {
      if (event instanceof TlsEvent.Crypto c) {
        server.receive(c.level(), c.bytes(), 0, c.bytes().length);
      }
    }
    server.drain();
    server.localTransportParameters(EnginePair.serverParameters());
    return server.drain().stream()
        .anyMatch(e -> e instanceof TlsEvent.Secret s && s.level() == CryptoLevel.EARLY);
  }

  @Test
  void fullRegisterSaysNo() {
    StrikeRegister small = new StrikeRegister(WINDOW, 4);
    TlsConfig.Server server = server().withEarlyData(small);
    List<TlsSession> sessions = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      sessions.add(pair(client(), server).session());
    }
    assertTaken(pair(client().withSession(sessions.get(0)), server));
    assertTaken(pair(client().withSession(sessions.get(1)), server));
    EnginePair third = pair(client().withSession(sessions.get(2)), server);
    assertRefused(third);
    assertThat(third.client.outcome().resumed()).isTrue();
  }

  @Test
  void loweredLimitsRefuse() {
    TlsSession session = session();
    TlsEngine client =
        TlsEngines.client(client().withSession(session), EnginePair.clientParameters());
    TlsEngine server = TlsEngines.server(server());
    client.start();
    server.start();
    for (TlsEvent event : client.drain()) {
      if (event instanceof TlsEvent.Crypto c) {
        server.receive(c.level(), c.bytes(), 0, c.bytes().length);
      }
    }
    server.drain();
    // initial_max_data was 0x20.
    server.localTransportParameters(new byte[] {0x04, 0x01, 0x1f});
    assertThat(server.drain())
        .noneMatch(e -> e instanceof TlsEvent.Secret s && s.level() == CryptoLevel.EARLY);
  }

  @Test
  void notUnderAnotherSuite() {
    TlsSession session = pair(client().withCipher(51), server()).session();
    EnginePair pair = pair(client().withCipher(54).withSession(session), server());
    assertThat(pair.client.outcome().resumed()).isTrue();
    assertThat(pair.client.outcome().earlyData()).isFalse();
  }

  @Test
  void endOfEarlyDataHasNoPlaceInQuic() {
    EnginePair pair =
        new EnginePair(
                client().withSession(session()),
                server(),
                Integer.MAX_VALUE,
                crypto ->
                    crypto.level() == CryptoLevel.HANDSHAKE && crypto.bytes()[0] == 20
                        ? List.of(
                            new TlsEvent.Crypto(CryptoLevel.HANDSHAKE, new byte[] {5, 0, 0, 0}))
                        : List.of(crypto))
            .run();
    List<EnginePair.End> ends = List.of(pair.client, pair.server);
    assertThat(ends)
        .anySatisfy(end -> assertThat(Objects.requireNonNull(end.alert()).alert()).isEqualTo(10));
  }

  @Test
  void guardsAreAskedWithWhatMakesAFlightUnique() {
    List<byte[]> asked = new ArrayList<>();
    ReplayGuard recording =
        new ReplayGuard() {
          @Override
          public long id() {
            return 7;
          }

          @Override
          public long windowMillis() {
            return WINDOW.toMillis();
          }

          @Override
          public boolean firstSeen(byte[] unique, long nowMillis) {
            asked.add(unique.clone());
            return true;
          }
        };
    TlsConfig.Server server = server().withEarlyData(recording);
    TlsSession session = pair(client(), server).session();
    assertTaken(pair(client().withSession(session), server));
    assertTaken(pair(client().withSession(session), server));
    assertThat(asked).hasSize(2);
    assertThat(asked.get(0)).hasSize(32).isNotEqualTo(asked.get(1));
  }
}
