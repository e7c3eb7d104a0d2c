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
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
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

  /** Flow control must not be what bounds a flow with losses. */
  private static final long WINDOW = 16L << 20;

  private static final int DATAGRAM = 1_452;

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
  @ValueSource(
      ints = {
        QuicUapi.QUIC_CONG_ALG_RENO,
        QuicUapi.QUIC_CONG_ALG_CUBIC,
        QuicUapi.QUIC_CONG_ALG_BBR
      })
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

  /** Stream bytes per second of one flow on a link that loses packets at random. */
  private static double lossy(int algorithm, long rate, double loss, int seconds) {
    Pair pair = Pair.over(bottleneck(rate).withLoss(loss), 1, null);
    pair.congestionControl(algorithm);
    pair.windows(WINDOW);
    pair.listen(IDLE, s -> peer(s, true, 1));
    send(pair, 1);
    pair.sim().runFor(5 * Sim.SECONDS);
    Transfer in = pair.accepted().getFirst().transfer();
    long before = in.received();
    pair.sim().runFor(seconds * Sim.SECONDS);
    return (in.received() - before) / (double) seconds;
  }

  @Test
  void bbrKeepsALossyLink() {
    double share = lossy(QuicUapi.QUIC_CONG_ALG_BBR, 10 * RATE, 0.01, 20) * 8 / (10 * RATE);
    System.out.printf("BBR keeps %.1f %% of a link that loses 1 %%%n", share * 100);
    assertThat(share).isGreaterThan(0.80);
  }

  /** CONFIG while the handshake is under way changes the connection there is; later it fails. */
  @Test
  void controllerOfALiveConnection() {
    Pair pair = Pair.over(bottleneck(10 * RATE).withLoss(0.01), 1, null);
    pair.windows(WINDOW);
    pair.listen(IDLE, s -> peer(s, true, 1));
    Sock sock = send(pair, 1).sock();
    QuicConfig bbr = new QuicConfig(0, 0, 0, 0, QuicUapi.QUIC_CONG_ALG_BBR, false, false, 0, 0, 0);
    assertThat(sock.state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHING);
    int name = QuicUapi.QUIC_SOCKOPT_CONFIG;
    assertThat(sock.setsockopt(pair.sim().now(), QuicUapi.SOL_QUIC, name, bbr.encode())).isZero();
    pair.sim().runFor(3 * Sim.SECONDS);
    // Reno would be at 3 % of the link.
    double share = pair.accepted().getFirst().transfer().received() * 8 / (3.0 * 10 * RATE);
    assertThat(share).isGreaterThan(0.4);
    assertThat(sock.setsockopt(pair.sim().now(), QuicUapi.SOL_QUIC, name, bbr.encode()))
        .isEqualTo(-Errno.EINVAL);
  }

  /**
   * RFC 9438 section 4.3: at this round trip CUBIC is as Reno, and an AIMD(0.53, 0.7) of the window
   * sqrt(alpha (1 + beta) / (2 (1 - beta) loss)).
   */
  @Test
  void cubicOnALossyLinkIsAsGoodAsTheTheory() {
    double loss = 0.01;
    double window = Math.sqrt(0.53 * 1.7 / (2 * 0.3 * loss));
    double theory = window * DATAGRAM / (2 * ONE_WAY / 1e9);
    double rate = lossy(QuicUapi.QUIC_CONG_ALG_CUBIC, 10 * RATE, loss, 120);
    System.out.printf("CUBIC at 1 %% loss: %.0f bytes/s of %.0f%n", rate, theory);
    assertThat(rate).isGreaterThan(0.8 * theory);
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
