package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Somebody on the path who sends packets again, or makes up some without keys. */
class ReplayFloodTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int TIMES = 500;
  private static final long BYTES = 50_000;

  private final Scenario s = new Scenario(Network.clean(5 * Sim.MILLIS));
  private final List<Datagram> seen = new ArrayList<>();

  private static Datagram copy(Datagram d) {
    return new Datagram(d.bytes.clone(), d.from, d.to, d.ecn);
  }

  private Peer finished() {
    s.toServer =
        d -> {
          seen.add(copy(d));
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.sim().runFor(Sim.SECONDS);
    return client;
  }

  /** RFC 9000 section 12.3: what was processed once is discarded, and draws no answer. */
  @Test
  void replayedPacketsDoNothing() {
    Peer client = finished();
    List<Datagram> recorded = List.copyOf(seen);
    Heap heap = new Heap();
    int answers = s.datagramsToClient;
    for (int i = 0; i < TIMES; i++) {
      for (Datagram d : recorded) {
        s.pair.server().accept(s.sim().now(), copy(d));
      }
      s.sim().runFor(Sim.MILLIS);
    }
    heap.assertBounded();
    assertThat(TIMES * recorded.size()).isGreaterThan(10_000);
    assertThat(s.datagramsToClient - answers).isLessThan(5);
    assertThat(s.pair.accepted()).hasSize(1);
    assertThat(s.server().sock().state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHED);
    assertThat(client.sock().state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHED);
  }

  /** RFC 9001 sections 5.5 and 6.3: a phase nobody has keys for changes nothing. */
  @Test
  void wrongKeyPhase() {
    Peer client = finished();
    List<Datagram> recorded = List.copyOf(seen);
    int answers = s.datagramsToClient;
    int sent = 0;
    for (int bit = 0; bit < 8; bit++) {
      for (Datagram d : recorded) {
        if (d.bytes[0] >= 0) {
          Datagram c = copy(d);
          c.bytes[0] ^= (byte) (1 << bit & 0x1f);
          c.bytes[c.length() - 1 - bit] ^= 4;
          s.pair.server().accept(s.sim().now(), c);
          sent++;
        }
      }
      s.sim().runFor(Sim.MILLIS);
    }
    assertThat(sent).isGreaterThan(100);
    assertThat(s.datagramsToClient - answers).isLessThan(5);
    // Both sides can still update their keys, and understand each other.
    long now = s.sim().now();
    int name = QuicUapi.QUIC_SOCKOPT_KEY_UPDATE;
    assertThat(client.sock().setsockopt(now, QuicUapi.SOL_QUIC, name, new byte[0])).isZero();
    client.close(now);
    s.pair.client().kick();
    s.sim().run(() -> s.server().over(), Sim.SECONDS);
    assertThat(s.server().over()).isTrue();
  }

  /** RFC 9000 section 17.3.1: without the fixed bit even a good packet is dropped. */
  @Test
  void packetsWithoutTheFixedBitAreDropped() {
    s.toServer =
        d -> {
          d.bytes[0] &= (byte) ~0x40;
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
    s.sim().run(client::over, Sim.MINUTES);
    assertThat(client.done()).isFalse();
    assertThat(s.pair.server().sentBytes()).isZero();
    assertThat(s.pair.accepted()).isEmpty();
  }
}
