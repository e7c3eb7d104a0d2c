package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the controllers make of a bottleneck, in virtual time. */
class CongestionTest {
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final long ENDLESS = 1L << 40;
  private static final long RATE = 10_000_000;
  private static final long ONE_WAY = 25 * Sim.MILLIS;

  /** Of a datagram: IPv4 and UDP headers are not counted by the link, QUIC's are overhead. */
  private static final double PAYLOAD = (1_200.0 - 40) / 1_200;

  private static Network bottleneck(long rate) {
    // The queue holds one bandwidth-delay product.
    int queue = (int) (rate / 8 * 2 * ONE_WAY / Sim.SECONDS);
    return Network.clean(ONE_WAY).withRate(rate, queue);
  }

  private static Peer send(Pair pair, long seed) {
    return pair.connect(IDLE, s -> peer(s, false, seed));
  }

  private static Peer peer(Sock s, boolean server, long seed) {
    return new Peer(
        s,
        new FakeTls(s, server, TlsScript.plain()),
        new Transfer(s, server, 1, server ? 0 : ENDLESS, server ? ENDLESS : 0, seed));
  }

  private static Pair pair(int algorithm, long rate, long seed) {
    Pair pair = Pair.over(bottleneck(rate), seed, null);
    pair.congestionControl(algorithm);
    pair.listen(IDLE, s -> peer(s, true, seed));
    return pair;
  }

  @ParameterizedTest
  @ValueSource(ints = {QuicUapi.QUIC_CONG_ALG_RENO, QuicUapi.QUIC_CONG_ALG_CUBIC})
  void oneFlowFillsTheLink(int algorithm) {
    Pair pair = pair(algorithm, RATE, 1);
    send(pair, 1);
    pair.sim().runFor(5 * Sim.SECONDS);
    Transfer in = pair.accepted().getFirst().transfer();
    long before = in.received();
    pair.sim().runFor(30 * Sim.SECONDS);
    double possible = RATE / 8.0 * 30 * PAYLOAD;
    double share = (in.received() - before) / possible;
    System.out.printf("controller %d: %.1f %% of the link%n", algorithm, share * 100);
    assertThat(share).isGreaterThan(0.93);
  }

  /** RFC 9438 section 5.1: flows of one round-trip time share alike. */
  @Test
  void twoCubicFlowsShare() {
    double sum = 0;
    int seeds = 20;
    for (int seed = 0; seed < seeds; seed++) {
      Pair pair = pair(QuicUapi.QUIC_CONG_ALG_CUBIC, RATE / 3, seed);
      long contents = seed;
      send(pair, contents);
      pair.sim().runFor((3 + seed % 7) * Sim.SECONDS);
      send(pair, contents);
      pair.sim().runFor(30 * Sim.SECONDS);
      Transfer first = pair.accepted().get(0).transfer();
      Transfer second = pair.accepted().get(1).transfer();
      long a = first.received();
      long b = second.received();
      pair.sim().runFor(60 * Sim.SECONDS);
      a = first.received() - a;
      b = second.received() - b;
      sum += (double) Math.max(a, b) / (a + b);
    }
    System.out.printf("the larger of two flows gets %.1f %% on average%n", sum / seeds * 100);
    assertThat(sum / seeds).isLessThan(0.60);
  }
}
