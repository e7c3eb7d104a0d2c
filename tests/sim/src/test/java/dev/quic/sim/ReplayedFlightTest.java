package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.handshaked.tls.HandshakeStepper;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsOutcome;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Program;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.Delay;
import dev.quic.simnet.node.Filter;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The real TLS engine over the real core, 0-RTT data delivered as it arrives: what a copy of a
 * client's first flight brings about.
 */
class ReplayedFlightTest {
  private static final String HOST = "server.test";
  private static final String ORDER = "transfer 100 to Alice";
  private static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;
  private static final int FIN = QuicUapi.MSG_QUIC_STREAM_FIN;
  private static final SockAddr ELSEWHERE = SockAddr.v4(0xc0000203, 40_001);

  private final Clock clock = Clock.fixed(Instant.now().plusSeconds(60), ZoneOffset.UTC);
  private final List<Datagram> toServer = new ArrayList<>();
  private final List<Server> accepted = new ArrayList<>();
  private final List<String> delivered = new ArrayList<>();
  private final StrikeRegister register = new StrikeRegister(Duration.ofSeconds(10), 1_000);
  private boolean recording;
  private Pair pair = new Pair(1, List.of(), List.of(), null);
  private TlsConfig.Client client;
  private TlsConfig.Server server;
  private Sock listener = Pair.socket(pair.server(), Sim.MINUTES);

  ReplayedFlightTest() throws Exception {
    CertificateAuthority ca = CertificateAuthority.create("replay authority", Instant.now());
    client =
        TlsConfig.Client.of(ca.trustStore(), HOST)
            .withClock(clock)
            .withAlpn(List.of("orders"))
            .withEarlyData(true);
    RotatingTicketKeys keys = RotatingTicketKeys.random(clock, Duration.ofHours(12));
    server =
        TlsConfig.Server.of(ca.server(HOST))
            .withClock(clock)
            .withAlpn(List.of("orders"))
            .withTickets(TicketIssuer.of(keys, Duration.ofDays(1)));
  }

  /** A program of the server's: reads what it can from the first moment on. */
  private final class Server implements Program {
    final Sock sock;
    final RealTls tls;
    private final StringBuilder text = new StringBuilder();
    private final byte[] buf = new byte[10_000];

    Server(Sock sock) {
      this.sock = sock;
      tls = new RealTls(sock, HandshakeStepper.server(server));
    }

    @Override
    public void ready(long now, Sock s, int mask) {
      tls.step(now);
      Msg msg = new Msg();
      int n;
      while ((n = sock.recvmsg(now, msg.reset(), buf, 0, buf.length)) >= 0) {
        text.append(new String(buf, 0, n, StandardCharsets.US_ASCII));
        if ((msg.streamFlags & FIN) != 0) {
          delivered.add(text.toString());
          text.setLength(0);
        }
      }
    }
  }

  /** The client's: a handshake, perhaps with an order before it. */
  private static final class Client implements Program {
    final Sock sock;
    final RealTls tls;

    Client(Sock sock, TlsConfig.Client config) {
      this.sock = sock;
      tls = new RealTls(sock, HandshakeStepper.client(config));
    }

    @Override
    public void ready(long now, Sock s, int mask) {
      tls.step(now);
    }
  }

  @BeforeEach
  void listen() {
    Node tap =
        new Filter(d -> {
          if (recording) {
            toServer.add(new Datagram(d.bytes.clone(), d.from, d.to, d.ecn));
          }
          return true;
        });
    SplittableRandom r = new SplittableRandom(1);
    pair =
        new Pair(
            1,
            List.of(tap, new Delay(10 * Sim.MILLIS, 0, r.split())),
            List.of(new Delay(10 * Sim.MILLIS, 0, r.split())),
            null);
    listener = Pair.socket(pair.server(), Sim.MINUTES);
    assertThat(listener.bind(Sim.START, Pair.SERVER.withPort(Pair.PORT))).isZero();
    assertThat(listener.listen(Sim.START, 16)).isZero();
    byte[] on = {1, 0, 0, 0};
    int name = QuicUapi.QUIC_SOCKOPT_EARLY_DELIVERY;
    assertThat(listener.setsockopt(Sim.START, QuicUapi.SOL_QUIC, name, on)).isZero();
    pair.server()
        .attach(
            listener,
            (now, sock, mask) -> {
              for (Sock s = sock.accept(now); s != null; s = sock.accept(now)) {
                Server p = new Server(s);
                accepted.add(p);
                pair.server().attach(s, p);
              }
            });
    pair.server().kick();
  }

  private Client connect(TlsConfig.Client config, boolean order) {
    Sock s = Pair.socket(pair.client(), Sim.MINUTES);
    long now = pair.sim().now();
    assertThat(s.connect(now, Pair.SERVER.withPort(Pair.PORT))).isZero();
    if (order) {
      int name = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
      byte[] parameters = new byte[56];
      listener.getsockopt(now, QuicUapi.SOL_QUIC, name, parameters, 56);
      parameters[0] = 1;
      assertThat(s.setsockopt(now, QuicUapi.SOL_QUIC, name, parameters)).isZero();
      byte[] bytes = ORDER.getBytes(StandardCharsets.US_ASCII);
      int n = s.sendmsg(now, new Msg().stream(0, NEW | FIN), bytes, 0, bytes.length);
      assertThat(n).isEqualTo(bytes.length);
    }
    Client c = new Client(s, config);
    pair.client().attach(s, c);
    pair.client().kick();
    return c;
  }

  /** A whole handshake; the session it leaves. */
  private TlsSession session() {
    Client c = connect(client, false);
    byte[] ticket = new byte[4_096];
    int[] n = new int[1];
    int name = QuicUapi.QUIC_SOCKOPT_SESSION_TICKET;
    pair.sim()
        .run(
            () -> {
              long now = pair.sim().now();
              n[0] = c.sock.getsockopt(now, QuicUapi.SOL_QUIC, name, ticket, 4_096);
              return c.tls.outcome() != null && n[0] > 0;
            },
            Sim.MINUTES);
    assertThat(c.tls.failure()).isEmpty();
    TlsOutcome outcome = Objects.requireNonNull(c.tls.outcome());
    SessionMaker maker = Objects.requireNonNull(outcome.sessions());
    return Objects.requireNonNull(maker.session(java.util.Arrays.copyOf(ticket, n[0])));
  }

  private static int decision(Sock s) {
    byte[] v = new byte[4];
    s.getsockopt(0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_EARLY_DATA, v, 4);
    return v[0];
  }

  /** An order in 0-RTT, carried out before the handshake was over; its first flight is kept. */
  private Client orderEarly() {
    TlsSession session = session();
    recording = true;
    Client c = connect(client.withSession(session), true);
    pair.sim().run(() -> !delivered.isEmpty(), Sim.MINUTES);
    // The server's answer is on its way yet.
    recording = false;
    assertThat(delivered).containsExactly(ORDER);
    assertThat(c.sock.state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHING);
    pair.sim().run(() -> c.tls.outcome() != null, Sim.MINUTES);
    assertThat(decision(c.sock)).isEqualTo(1);
    assertThat(Objects.requireNonNull(c.tls.outcome()).earlyData()).isTrue();
    return c;
  }

  private void replay(SockAddr from) {
    int before = accepted.size();
    for (Datagram d : toServer) {
      SockAddr source = from.port() == 0 ? d.from : from;
      pair.server().accept(pair.sim().now(), new Datagram(d.bytes.clone(), source, d.to, d.ecn));
    }
    pair.sim().run(() -> false, 5 * Sim.SECONDS);
    assertThat(accepted.size() - before).isEqualTo(from.port() == 0 ? 0 : 1);
  }

  @Test
  void aCopyFromElsewhereIsNotDelivered() {
    server = server.withEarlyData(register);
    orderEarly();
    replay(ELSEWHERE);
    assertThat(delivered).containsExactly(ORDER);
    assertThat(decision(accepted.getLast().sock)).isNotEqualTo(1);
    assertThat(register.refused()).isEqualTo(1);
    replay(ELSEWHERE.withPort(40_002));
    assertThat(delivered).containsExactly(ORDER);
  }

  @Test
  void aCopyFromTheSameAddressReachesTheSameConnection() {
    server = server.withEarlyData(register);
    orderEarly();
    replay(SockAddr.any(QuicUapi.AF_INET, 0));
    assertThat(delivered).containsExactly(ORDER);
  }

  @Test
  void aCopyAfterTheConnectionIsNotDelivered() {
    server = server.withEarlyData(register);
    Client c = orderEarly();
    c.sock.close(pair.sim().now());
    pair.client().kick();
    for (Server s : accepted) {
      s.sock.close(pair.sim().now());
    }
    pair.server().kick();
    pair.sim().run(() -> false, 10 * Sim.SECONDS);
    SockAddr source = toServer.getFirst().from;
    replay(source);
    assertThat(delivered).containsExactly(ORDER);
  }

  /** What the register is for: without it the order is carried out twice. */
  @Test
  void withoutARegisterItWouldBe() {
    server =
        server.withEarlyData(
            new ReplayGuard() {
              @Override
              public long id() {
                return 7;
              }

              @Override
              public long windowMillis() {
                return 10_000;
              }

              @Override
              public boolean firstSeen(byte[] unique, long nowMillis) {
                return true;
              }
            });
    orderEarly();
    replay(ELSEWHERE);
    assertThat(delivered).containsExactly(ORDER, ORDER);
  }

  /** A refused order is carried out once, too: when it comes again in 1-RTT. */
  @Test
  void aRefusedOrderComesAgainOnce() {
    server = server.withEarlyData(register);
    TlsSession session = session();
    StrikeRegister fresh = new StrikeRegister(Duration.ofSeconds(10), 1_000);
    server = server.withEarlyData(fresh);
    Client c = connect(client.withSession(session), true);
    pair.sim().run(() -> !delivered.isEmpty(), Sim.MINUTES);
    pair.sim().run(() -> false, 5 * Sim.SECONDS);
    assertThat(delivered).containsExactly(ORDER);
    assertThat(decision(c.sock)).isZero();
    assertThat(Objects.requireNonNull(c.tls.outcome()).resumed()).isTrue();
  }
}
