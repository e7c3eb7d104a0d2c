package dev.quic.handshaked.tls.gnutls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEngines;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tickets and early data with GnuTLS, in both roles. */
@ExtendWith(GnuTlsPresent.class)
class GnuTlsResumptionTest {
  private final byte[] ticketKey = GnuTlsEngine.newTicketKey();
  private final StrikeRegister register = new StrikeRegister(Duration.ofSeconds(10), 100);
  private final TicketIssuer issuer =
      TicketIssuer.of(
          RotatingTicketKeys.random(TestCertificates.CLOCK, Duration.ofHours(1)),
          Duration.ofHours(1));

  private GnuTlsSettings foreignServer() {
    return GnuTlsSettings.server().tickets(ticketKey);
  }

  private TlsConfig.Server server() {
    return GnuTlsPair.server().withTickets(issuer);
  }

  private static TlsSession session(TlsConfig.Client client, GnuTlsSettings server) {
    try (EnginePair pair = GnuTlsPair.run(client, server)) {
      GnuTlsPair.assertAgree(pair);
      return pair.session();
    }
  }

  private static byte[] session(GnuTlsSettings client, TlsConfig.Server server) {
    try (EnginePair pair = GnuTlsPair.run(client, server)) {
      GnuTlsPair.assertAgree(pair);
      return Objects.requireNonNull(GnuTlsPair.gnutls(pair.client).session());
    }
  }

  private static void assertResumed(EnginePair pair) {
    GnuTlsPair.assertAgree(pair);
    assertThat(pair.client.outcome().resumed()).isTrue();
    assertThat(pair.server.outcome().resumed()).isTrue();
    assertThat(GnuTlsPair.length(pair.server, GnuTlsPair.CERTIFICATE))
        .as("no Certificate message")
        .isZero();
  }

  private static void assertFull(EnginePair pair) {
    GnuTlsPair.assertAgree(pair);
    assertThat(pair.client.outcome().resumed()).isFalse();
    assertThat(pair.server.outcome().resumed()).isFalse();
    assertThat(GnuTlsPair.length(pair.server, GnuTlsPair.CERTIFICATE)).isPositive();
  }

  private static void assertEarly(EnginePair pair, boolean taken) {
    assertThat(pair.client.outcome().earlyData()).isEqualTo(taken);
    assertThat(pair.server.outcome().earlyData()).isEqualTo(taken);
    assertThat(pair.client.secrets).containsKey("EARLY send");
    if (taken) {
      assertThat(pair.server.secrets.get("EARLY recv"))
          .isEqualTo(pair.client.secrets.get("EARLY send"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {51, 52, 54})
  void ourClient(int cipher) {
    TlsConfig.Client client = GnuTlsPair.client().withCipher(cipher);
    TlsSession session = session(client, foreignServer());
    try (EnginePair pair = GnuTlsPair.run(client.withSession(session), foreignServer())) {
      assertResumed(pair);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {51, 52, 54})
  void ourServer(int cipher) {
    byte[] session = session(GnuTlsSettings.client().cipher(cipher), server());
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsSettings.client().cipher(cipher).session(session), server())) {
      assertResumed(pair);
    }
  }

  @Test
  void ourClientAfterRetry() {
    TlsSession session = session(GnuTlsPair.client(), foreignServer());
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client().withSession(session), foreignServer().groups(TlsGroup.SECP384R1))) {
      assertResumed(pair);
      assertThat(GnuTlsPair.hellos(pair)).isEqualTo(2);
    }
  }

  @Test
  void ourServerAfterRetry() {
    byte[] session = session(GnuTlsSettings.client(), server());
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().session(session).groups(TlsGroup.X25519, TlsGroup.SECP384R1),
            server().withGroups(List.of(TlsGroup.SECP384R1)))) {
      assertResumed(pair);
      assertThat(GnuTlsPair.hellos(pair)).isEqualTo(2);
    }
  }

  @Test
  void unknownTicket() {
    TlsSession session = session(GnuTlsPair.client(), foreignServer());
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsPair.client().withSession(session),
            GnuTlsSettings.server().tickets(GnuTlsEngine.newTicketKey()))) {
      assertFull(pair);
    }
    byte[] foreign = session(GnuTlsSettings.client(), server());
    TicketIssuer other =
        TicketIssuer.of(
            RotatingTicketKeys.random(TestCertificates.CLOCK, Duration.ofHours(1)),
            Duration.ofHours(1));
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsSettings.client().session(foreign), server().withTickets(other))) {
      assertFull(pair);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {51, 52, 54})
  void ourEarlyData(int cipher) {
    TlsConfig.Client client = GnuTlsPair.client().withCipher(cipher).withEarlyData(true);
    try (GnuTlsReplayGuard guard = new GnuTlsReplayGuard()) {
      TlsSession session = session(client, foreignServer().earlyData(guard));
      assertThat(session.earlyData()).isTrue();
      try (EnginePair pair =
          GnuTlsPair.run(client.withSession(session), foreignServer().earlyData(guard))) {
        assertResumed(pair);
        assertEarly(pair, true);
      }
      try (EnginePair pair = GnuTlsPair.run(client.withSession(session), foreignServer())) {
        assertResumed(pair);
        assertEarly(pair, false);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {51, 52, 54})
  void foreignEarlyData(int cipher) {
    TlsConfig.Server server = server().withEarlyData(register);
    byte[] session = session(GnuTlsSettings.client().cipher(cipher), server);
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().cipher(cipher).session(session).earlyData(), server)) {
      assertResumed(pair);
      assertEarly(pair, true);
    }
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().cipher(cipher).session(session).earlyData(), server())) {
      assertResumed(pair);
      assertEarly(pair, false);
    }
  }

  /** Our first flight twice: GnuTLS' anti-replay takes the early data once. */
  @Test
  void replayedToGnuTls() {
    TlsConfig.Client client = GnuTlsPair.client().withEarlyData(true);
    try (GnuTlsReplayGuard guard = new GnuTlsReplayGuard()) {
      TlsSession session = session(client, foreignServer().earlyData(guard));
      try (TlsEngine engine =
          TlsEngines.client(client.withSession(session), EnginePair.clientParameters())) {
        engine.start();
        List<TlsEvent> flight = engine.drain();
        assertThat(taken(flight, new GnuTlsEngine(foreignServer().earlyData(guard)))).isTrue();
        assertThat(taken(flight, new GnuTlsEngine(foreignServer().earlyData(guard)))).isFalse();
        assertThat(guard.size()).isEqualTo(1);
      }
    }
  }

  /** The first flight of GnuTLS twice: our register takes the early data once. */
  @Test
  void replayedByGnuTls() {
    TlsConfig.Server server = server().withEarlyData(register);
    byte[] session = session(GnuTlsSettings.client(), server);
    try (GnuTlsEngine engine =
        new GnuTlsEngine(GnuTlsSettings.client().session(session).earlyData())) {
      engine.start();
      List<TlsEvent> flight = engine.drain();
      assertThat(taken(flight, TlsEngines.server(server))).isTrue();
      assertThat(taken(flight, TlsEngines.server(server))).isFalse();
      assertThat(register.refused()).isEqualTo(1);
    }
  }

  /** Whether a server that gets a first flight has a secret for its early data. */
  private static boolean taken(List<TlsEvent> flight, TlsEngine server) {
    try (server) {
      server.start();
      for (TlsEvent event : flight) {
        if (event instanceof TlsEvent.Crypto c) {
          server.receive(c.level(), c.bytes(), 0, c.bytes().length);
        }
      }
      List<TlsEvent> first = server.drain();
      if (first.stream().anyMatch(TlsEvent.NeedLocalTransportParameters.class::isInstance)) {
        server.localTransportParameters(EnginePair.serverParameters());
        first = server.drain();
      }
      assertThat(first).noneMatch(TlsEvent.Alert.class::isInstance);
      return first.stream()
          .anyMatch(e -> e instanceof TlsEvent.Secret s && s.level() == CryptoLevel.EARLY);
    }
  }
}
