package dev.quic.sim;

import static dev.quic.uapi.QuicUapi.QUIC_VERSION_V1;
import static dev.quic.uapi.QuicUapi.QUIC_VERSION_V2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.handshaked.tls.HandshakeStepper;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsOutcome;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Program;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.Delay;
import dev.quic.simnet.node.Filter;
import dev.quic.uapi.QuicUapi;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real TLS engine and QUIC versions: tickets belong to one (RFC 9369 section 5). */
class VersionTicketsTest {
  private static final String HOST = "server.test";

  private final Clock clock = Clock.fixed(Instant.now().plusSeconds(60), ZoneOffset.UTC);
  private final LongHeaders toServer = new LongHeaders();
  private final Pair pair;
  private final TlsConfig.Client client;
  private final TlsConfig.Server server;
  private final List<Sock> accepted = new ArrayList<>();
  private Sock listener;

  VersionTicketsTest() throws Exception {
    CertificateAuthority ca = CertificateAuthority.create("version authority", Instant.now());
    client =
        TlsConfig.Client.of(ca.trustStore(), HOST)
            .withClock(clock)
            .withAlpn(List.of("any"))
            .withEarlyData(true);
    RotatingTicketKeys keys = RotatingTicketKeys.random(clock, Duration.ofHours(12));
    server =
        TlsConfig.Server.of(ca.server(HOST))
            .withClock(clock)
            .withAlpn(List.of("any"))
            .withTickets(TicketIssuer.of(keys, Duration.ofDays(1)))
            .withEarlyData(new StrikeRegister(Duration.ofSeconds(10), 1_000));
    SplittableRandom r = new SplittableRandom(1);
    Filter tap =
        new Filter(d -> {
          toServer.note(d.bytes);
          return true;
        });
    pair =
        new Pair(
            1,
            List.of(tap, new Delay(10 * Sim.MILLIS, 0, r.split())),
            List.of(new Delay(10 * Sim.MILLIS, 0, r.split())),
            null);
    listener = Pair.socket(pair.server(), Sim.MINUTES);
  }

  /** A program that runs a handshake. */
  private record Hands(Sock sock, RealTls tls) implements Program {
    @Override
    public void ready(long now, Sock s, int mask) {
      tls.step(now);
    }
  }

  private void listen(int version, int... versions) {
    listener.close(pair.sim().now());
    pair.server().kick();
    pair.sim().runFor(Sim.SECONDS);
    listener = Pair.socket(pair.server(), Sim.MINUTES);
    long now = pair.sim().now();
    config(listener, version);
    if (versions.length > 0) {
      byte[] v = new byte[4 * versions.length];
      for (int i = 0; i < v.length; i++) {
        v[i] = (byte) (versions[i / 4] >>> 8 * (i % 4));
      }
      int name = QuicUapi.QUIC_SOCKOPT_VERSIONS;
      assertThat(listener.setsockopt(now, QuicUapi.SOL_QUIC, name, v)).isZero();
    }
    assertThat(listener.bind(now, Pair.SERVER.withPort(Pair.PORT))).isZero();
    assertThat(listener.listen(now, 16)).isZero();
    pair.server()
        .attach(
            listener,
            (at, sock, mask) -> {
              for (Sock k = sock.accept(at); k != null; k = sock.accept(at)) {
                accepted.add(k);
                RealTls tls = new RealTls(k, HandshakeStepper.server(server));
                pair.server().attach(k, new Hands(k, tls));
              }
            });
    pair.server().kick();
  }

  private void config(Sock s, int version) {
    byte[] v = new byte[28];
    for (int i = 0; i < 4; i++) {
      v[i] = (byte) (version >>> 8 * i);
    }
    int name = QuicUapi.QUIC_SOCKOPT_CONFIG;
    assertThat(s.setsockopt(pair.sim().now(), QuicUapi.SOL_QUIC, name, v)).isZero();
  }

  private Hands connect(int version, TlsConfig.Client config) {
    Sock s = Pair.socket(pair.client(), Sim.MINUTES);
    long now = pair.sim().now();
    config(s, version);
    assertThat(s.connect(now, Pair.SERVER.withPort(Pair.PORT))).isZero();
    int params = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
    byte[] remembered = new byte[56];
    listener.getsockopt(now, QuicUapi.SOL_QUIC, params, remembered, 56);
    remembered[0] = 1;
    assertThat(s.setsockopt(now, QuicUapi.SOL_QUIC, params, remembered)).isZero();
    int flags = QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN;
    assertThat(s.sendmsg(now, new Msg().stream(0, flags), new byte[500], 0, 500)).isEqualTo(500);
    Hands c = new Hands(s, new RealTls(s, () -> HandshakeStepper.client(config)));
    pair.client().attach(s, c);
    pair.client().kick();
    pair.sim().run(() -> c.tls.outcome() != null, Sim.MINUTES);
    assertThat(c.tls.failure()).isEmpty();
    pair.sim().runFor(Sim.SECONDS);
    return c;
  }

  private static TlsOutcome outcome(Hands c) {
    return Objects.requireNonNull(c.tls.outcome());
  }

  private TlsSession session(Hands c) {
    byte[] ticket = new byte[4_096];
    int name = QuicUapi.QUIC_SOCKOPT_SESSION_TICKET;
    int n = c.sock.getsockopt(pair.sim().now(), QuicUapi.SOL_QUIC, name, ticket, 4_096);
    assertThat(n).isPositive();
    SessionMaker maker = Objects.requireNonNull(outcome(c).sessions());
    return Objects.requireNonNull(maker.session(Arrays.copyOf(ticket, n)));
  }

  /** After a compatible change tickets are of the version agreed on. */
  @ParameterizedTest
  @ValueSource(ints = {QUIC_VERSION_V1, QUIC_VERSION_V2})
  void ticketsAreOfTheVersionAgreedOn(int version) {
    listen(version);
    TlsSession session = session(connect(QUIC_VERSION_V1, client));
    assertThat(session.quicVersion()).isEqualTo(version);
    // It is of use only where the first flight is of that version.
    Hands again = connect(QUIC_VERSION_V2, client.withSession(session));
    assertThat(outcome(again).resumed()).isEqualTo(version == QUIC_VERSION_V2);
    Hands other = connect(QUIC_VERSION_V1, client.withSession(session));
    assertThat(outcome(other).resumed()).isEqualTo(version == QUIC_VERSION_V1);
  }

  /** A ticket of the original version is good for a connection that then changes. */
  @Test
  void resumptionAndEarlyDataBeforeTheChange() {
    listen(QUIC_VERSION_V1);
    TlsSession session = session(connect(QUIC_VERSION_V1, client));
    listen(QUIC_VERSION_V2);
    Hands c = connect(QUIC_VERSION_V1, client.withSession(session));
    assertThat(outcome(c).resumed()).isTrue();
    assertThat(outcome(c).earlyData()).isTrue();
    assertThat(toServer.count("0-RTT/1")).isPositive();
    assertThat(toServer.count("0-RTT/2")).isZero();
    assertThat(session(c).quicVersion()).isEqualTo(QUIC_VERSION_V2);
  }

  /** RFC 9368 section 2.1: another version is another connection, with another ClientHello. */
  @Test
  void negotiationBeginsTheHandshakeAnew() {
    listen(QUIC_VERSION_V2);
    TlsSession session = session(connect(QUIC_VERSION_V2, client));
    listen(QUIC_VERSION_V1, QUIC_VERSION_V1);
    Hands c = connect(QUIC_VERSION_V2, client.withSession(session));
    assertThat(outcome(c).resumed()).isFalse();
    assertThat(outcome(c).earlyData()).isFalse();
    assertThat(session(c).quicVersion()).isEqualTo(QUIC_VERSION_V1);
    byte[] buf = new byte[1_000];
    Sock k = accepted.getLast();
    assertThat(k.recvmsg(pair.sim().now(), new Msg(), buf, 0, 1_000)).isEqualTo(500);
  }
}
