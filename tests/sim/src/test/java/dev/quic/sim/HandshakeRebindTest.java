package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.EventLog;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Addresses that change before the handshake is confirmed: a server follows within three times what
 * came from there, and asks when it can (RFC 9000 sections 8.1, 9 and 9.3.2).
 */
class HandshakeRebindTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final SockAddr OLD = SockAddr.v4(0xc6336401, 1_000);
  private static final SockAddr NEW = SockAddr.v4(0xc6336402, 2_000);
  private static final SockAddr VICTIM = SockAddr.v4(0xcb007105, 3_000);
  private static final Network LINK = Network.clean(20 * Sim.MILLIS);

  /** The mapping changes behind the client's n-th datagram, and the old one is gone at once. */
  @ParameterizedTest(name = "behind {0}, a flight of {1}, lost {2} %")
  @CsvSource({
    "1, 2500, 0", "2, 2500, 0", "3, 2500, 0", "4, 2500, 0", "5, 2500, 0",
    "1, 12000, 0", "2, 12000, 0", "3, 12000, 0", "4, 12000, 0", "6, 12000, 0",
    "1, 2500, 20", "2, 2500, 20", "3, 2500, 20", "4, 2500, 20",
  })
  void theServerFollows(int behind, int flight, int lost) {
    Scenario s = rebound(behind, flight, LINK.withLoss(lost / 100.0), Scenario.SEED);
    assertThat(s.sim().now() - Sim.START).isLessThan((lost == 0 ? 6 : 25) * Sim.SECONDS);
  }

  private static Scenario rebound(int behind, int flight, Network network, long seed) {
    Translator nat = new Translator(OLD);
    nat.forgets = true;
    Scenario s =
        new Scenario(
            network, List.of(nat.outbound()), List.of(nat.inbound()), seed, new EventLog());
    s.toServer =
        d -> {
          if (s.datagramsToServer + 1 == behind) {
            nat.rebind(NEW);
          }
          return true;
        };
    s.listen(TlsScript.plain().withFlight(flight), IDLE, 1, 50_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 50_000);
    s.sim()
        .run(
            () -> client.over() || client.done() && s.pair.accepted().getLast().done(),
            5 * Sim.MINUTES);
    assertThat(client.done()).as("seed %d: %s; %s", seed, client, s.pair.accepted()).isTrue();
    assertThat(s.pair.accepted().getLast().done()).isTrue();
    assertThat(s.pair.accepted().getLast().sock().peername()).isEqualTo(NEW);
    return s;
  }

  /** A flight of ten packets through loss, to an address that has to be paid for first. */
  @ParameterizedTest(name = "behind {0}")
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
  void aLongFlightThroughLoss(int behind) {
    for (long seed = 1; seed <= 8; seed++) {
      Scenario s = rebound(behind, 12_000, LINK.withLoss(0.2), seed);
      assertThat(s.sim().now() - Sim.START).as("seed %d", seed).isLessThan(Sim.MINUTES);
    }
  }

  /** Everything but the first datagram seems to come from somebody else, who answers nothing. */
  @Test
  void withNobodyProvedTheConnectionEndsSilently() {
    long[] fromVictim = new long[1];
    long[] toVictim = new long[1];
    int[] n = new int[1];
    Node liar =
        new Node() {
          @Override
          public void accept(long now, Datagram d) {
            boolean lie = n[0]++ > 0;
            fromVictim[0] += lie ? d.length() : 0;
            forward(now, lie ? new Datagram(d.bytes, VICTIM, d.to, d.ecn) : d);
          }
        };
    Scenario s = new Scenario(LINK, List.of(liar), List.of());
    Capture seen = Capture.of(s);
    s.toClient =
        d -> {
          seen.note(s.sim().now(), true, d);
          boolean victims = d.to.sameEndpoint(VICTIM);
          toVictim[0] += victims ? d.length() : 0;
          return !victims;
        };
    s.listen(TlsScript.plain(), 10 * Sim.MINUTES, 1, 50_000);
    s.connect(TlsScript.plain(), 10 * Sim.MINUTES, 1, 50_000);
    s.sim().run(() -> !s.pair.accepted().isEmpty() && s.server().over(), Sim.MINUTES);
    assertThat(s.server().over()).isTrue();
    assertThat(s.server().sock().error()).isEqualTo(Errno.ETIMEDOUT);
    assertThat(fromVictim[0]).isPositive();
    assertThat(toVictim[0]).isBetween(1L, 3 * fromVictim[0]);
    assertThat(seen.of(true, FrameType.PATH_CHALLENGE)).isNotEmpty();
    assertThat(seen.of(true, FrameType.CONNECTION_CLOSE)).isEmpty();
    assertThat(seen.of(true, FrameType.CONNECTION_CLOSE_APP)).isEmpty();
  }

  /** Its long headers came from the old address, its first short one comes from the new. */
  @Test
  void aClientWithoutIdsToSpareIsFollowedFromItsFirstShortHeader() {
    ForgedClient forged = new ForgedClient();
    Node longHeadersOnly =
        new Node() {
          @Override
          public void accept(long now, Datagram d) {
            PacketHeader h = new PacketHeader();
            int end = 0;
            while (end < d.length()
                && h.parse(d.bytes, end, d.length()) != Kind.SHORT
                && h.kind != Kind.INVALID) {
              end = h.end;
            }
            if (end > 0) {
              Datagram rest = new Datagram(Arrays.copyOf(d.bytes, end), d.from, d.to, d.ecn);
              forged.learn(rest);
              forward(now, rest);
            }
          }
        };
    Translator nat = new Translator(OLD);
    Scenario s =
        new Scenario(LINK, List.of(longHeadersOnly, nat.outbound()), List.of(nat.inbound()));
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    s.sim().run(() -> !s.pair.accepted().isEmpty() && s.server().handshakeAt() > 0, Sim.MINUTES);
    assertThat(s.server().sock().peername()).isEqualTo(OLD);
    Datagram ping = forged.packet(QuicUapi.QUIC_CRYPTO_APP, new byte[] {1, 0, 0, 0}, 0);
    s.pair.server().accept(s.sim().now(), new Datagram(ping.bytes, NEW, ping.to, ping.ecn));
    s.sim().runFor(Sim.MILLIS);
    assertThat(s.server().sock().peername()).isEqualTo(NEW);
  }

  /** The peer's first address was proved by a token: there the server goes back to. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void copiesDuringTheHandshakeCostLittle(int struck) {
    long[] toVictim = new long[1];
    long[] fromVictim = new long[1];
    int[] n = new int[1];
    Node copier =
        new Node() {
          @Override
          public void accept(long now, Datagram d) {
            if (++n[0] == struck) {
              fromVictim[0] += d.length();
              forward(now, new Datagram(d.bytes.clone(), VICTIM, d.to, d.ecn));
            }
            forward(now, d);
          }
        };
    Scenario s = new Scenario(LINK, List.of(copier), List.of());
    s.toClient =
        d -> {
          boolean victims = d.to.sameEndpoint(VICTIM);
          toVictim[0] += victims ? d.length() : 0;
          return !victims;
        };
    s.listen(TlsScript.plain().withFlight(9_000), IDLE, 1, 50_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 50_000);
    s.sim().run(() -> s.finished(client) || client.over(), Sim.MINUTES);
    assertThat(s.finished(client)).as("%s; %s", client, s.pair.accepted()).isTrue();
    assertThat(toVictim[0]).isLessThanOrEqualTo(3 * fromVictim[0]);
    SockAddr peer = s.server().sock().peername();
    assertThat(peer != null && peer.withPort(0).sameEndpoint(Pair.CLIENT)).isTrue();
  }

  /** A client's TLS that keeps its 1-RTT send secret back. */
  private static final class LateSender extends FakeTls {
    LateSender(Sock sock) {
      super(sock, false, TlsScript.plain());
    }

    @Override
    protected void secret(long now, int level, boolean send) {
      if (level != QuicUapi.QUIC_CRYPTO_APP || !send) {
        super.secret(now, level, send);
      }
    }

    void release(long now) {
      super.secret(now, QuicUapi.QUIC_CRYPTO_APP, true);
    }
  }

  /** RFC 9001 section 5.7: a client that can read 1-RTT does not before its handshake is over. */
  @Test
  void oneRttWaitsForTheClientsHandshakeToo() {
    EventLog log = new EventLog();
    Scenario s = new Scenario(LINK, List.of(), List.of(), Scenario.SEED, log);
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    LateSender[] tls = new LateSender[1];
    Peer client =
        s.pair.connect(
            IDLE,
            k -> {
              tls[0] = new LateSender(k);
              return new Peer(k, tls[0], new Transfer(k, false, 1, 1_000, 1_000, Scenario.SEED));
            });
    s.sim().runFor(2 * Sim.SECONDS);
    String read = " packet_received " + QuicUapi.QUIC_CRYPTO_APP + " ";
    assertThat(s.server().handshakeAt()).isPositive();
    assertThat(log.text().lines().filter(l -> l.contains("client#") && l.contains(read))).isEmpty();
    tls[0].release(s.sim().now());
    s.pair.client().kick();
    s.sim().run(() -> s.finished(client), Sim.MINUTES);
    assertThat(s.finished(client)).isTrue();
    assertThat(log.text().lines().filter(l -> l.contains("client#") && l.contains(read)))
        .isNotEmpty();
  }
}
