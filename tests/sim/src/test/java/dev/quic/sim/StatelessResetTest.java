package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.packet.Stateless;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stateless resets on any path, their loops, and the oracle (RFC 9000 sections 10.3, 21.11). */
class StatelessResetTest {
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final Network CLEAN = Network.clean(20 * Sim.MILLIS).withRate(8_000_000, 60_000);
  private static final long BYTES = 3 << 20;
  private static final SockAddr STRANGER = SockAddr.v4(0xcb007105, 7);

  /** A way to send from nowhere. */
  private static final class Injector extends Node {
    @Override
    public void accept(long now, Datagram d) {
      forward(now, d);
    }

    void send(long now, byte[] bytes, SockAddr from, SockAddr to) {
      forward(now, new Datagram(bytes, from, to, (byte) 0));
    }
  }

  /** The server lost its state; the client finds out by the token of the id it uses now. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aServerWithoutStateEndsTheConnection(boolean moved) {
    Scenario s = new Scenario(CLEAN);
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
    s.sim().run(() -> client.transfer().received() > 100_000, Sim.MINUTES);
    // A first move, so that the id is one of NEW_CONNECTION_ID, which always has a token.
    for (int port = 5_000; port < (moved ? 5_002 : 5_001); port++) {
      SockAddr to = Pair.CLIENT.withPort(port);
      byte[] v = SockAddrCodec.encode(to);
      int option = QuicUapi.QUIC_SOCKOPT_CONNECTION_MIGRATION;
      assertThat(client.sock().setsockopt(s.sim().now(), QuicUapi.SOL_QUIC, option, v)).isZero();
      s.pair.client().kick();
      s.sim().run(() -> client.sock().sockname().sameEndpoint(to), Sim.MINUTES);
      s.sim().runFor(Sim.SECONDS);
    }
    s.toClient = d -> false;
    s.toServer = d -> false;
    s.server().close(s.sim().now());
    s.pair.server().kick();
    s.sim().run(() -> s.pair.server().socks() == 1, Sim.MINUTES);
    s.toClient = d -> true;
    s.toServer = d -> true;
    s.sim().run(client::over, 5 * Sim.MINUTES);
    assertThat(client.sock().state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
    assertThat(client.sock().error()).isEqualTo(Errno.ECONNRESET);
  }

  /** Two that know nothing of each other's packets cannot keep each other busy. */
  @Test
  void resetsGetShorterUntilNoneIsSent() {
    byte[] token = new byte[Stateless.TOKEN];
    int len = 1_200;
    int rounds = 0;
    while (len >= Stateless.RESET_TRIGGER) {
      int next = Stateless.reset(new byte[64], len, token);
      assertThat(next).isLessThan(len).isGreaterThanOrEqualTo(21);
      len = next;
      rounds++;
    }
    assertThat(rounds).isLessThan(50);
  }

  /**
   * RFC 9000 section 21.11: a packet for a live connection sent to another port of the server draws
   * no reset, or whoever sent it could end the connection.
   */
  @Test
  void aLiveIdIsNeverAnsweredByAReset() {
    Injector injector = new Injector();
    // Nothing is lost, so that every copy comes behind its original.
    Network link = Network.clean(20 * Sim.MILLIS);
    Scenario s = new Scenario(link, List.of(injector), List.of());
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    var other = s.pair.server().net().socket(QuicUapi.AF_INET);
    assertThat(other.bind(s.sim().now(), Pair.SERVER.withPort(444))).isZero();
    assertThat(other.listen(s.sim().now(), 1)).isZero();
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
    @Nullable Datagram[] seen = {null};
    int[] strangers = {0};
    s.toServer =
        d -> {
          seen[0] = d.bytes[0] >= 0 ? d : seen[0];
          return true;
        };
    s.toClient =
        d -> {
          boolean stranger = d.to.sameEndpoint(STRANGER);
          strangers[0] += stranger ? 1 : 0;
          return !stranger;
        };
    s.sim().run(() -> client.transfer().received() > 100_000, Sim.MINUTES);
    for (int i = 0; i < 20; i++) {
      Datagram d = seen[0];
      assertThat(d).isNotNull();
      byte[] damaged = d.bytes.clone();
      damaged[damaged.length - 1] ^= (byte) (i % 2);
      injector.send(s.sim().now(), damaged, STRANGER, Pair.SERVER.withPort(444 - i % 2));
      s.sim().runFor(20 * Sim.MILLIS);
    }
    // An unknown id does draw one, so that silence means something.
    assertThat(strangers[0]).isZero();
    byte[] unknown = new byte[100];
    unknown[0] = 0x40;
    injector.send(s.sim().now(), unknown, STRANGER, Pair.SERVER.withPort(444));
    s.sim().runFor(100 * Sim.MILLIS);
    assertThat(strangers[0]).isEqualTo(1);
    Sim.End end = s.sim().run(() -> s.finished(client) || client.over(), 10 * Sim.MINUTES);
    assertThat(end).isEqualTo(Sim.End.GOAL);
    assertThat(s.finished(client)).isTrue();
  }
}
