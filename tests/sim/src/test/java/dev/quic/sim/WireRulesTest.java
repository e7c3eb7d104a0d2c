package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.Filter;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Nothing a sender must not do is done, in any network: every packet of many lossy connections is
 * decrypted and checked by {@link WireRules}.
 */
class WireRulesTest {
  private static final int SEEDS = 24;
  private static final long BYTES = 1_200_000;
  private static final long SOME = 30_000;
  private static final Map<String, Long> CHECKS = new TreeMap<>();
  private static final Map<String, String> BREACHES = new TreeMap<>();

  @BeforeAll
  static void run() throws Exception {
    Seeds.run(WireRulesTest.class, SEEDS, WireRulesTest::connection);
  }

  private static String connection(long seed) {
    WireRules rules = new WireRules(QuicCipher.AES_128_GCM);
    Network network = Network.random(new SplittableRandom(seed));
    SplittableRandom r = new SplittableRandom(~seed);
    Sim[] sim = new Sim[1];
    List<Node> out = new ArrayList<>(List.of(tap(rules, sim, false, true)));
    out.addAll(network.nodes(r.split()));
    out.add(tap(rules, sim, true, false));
    List<Node> back = new ArrayList<>(List.of(tap(rules, sim, true, true)));
    back.addAll(network.nodes(r.split()));
    back.add(tap(rules, sim, false, false));
    Pair pair = new Pair(seed, out, back, null);
    sim[0] = pair.sim();
    TlsScript script = TlsScript.plain().withFlight(r.nextInt(300, 9_000));
    int streams = 1 + r.nextInt(2);
    // Enough in one direction to use up a stream's first window.
    long up = seed % 2 == 0 ? BYTES : SOME;
    long down = seed % 2 == 0 ? SOME : BYTES;
    long idle = 10 * Sim.MINUTES;
    pair.listen(
        idle,
        s ->
            new Peer(
                s, new FakeTls(s, true, script), new Transfer(s, true, streams, down, up, seed)));
    Peer client =
        pair.connect(
            idle,
            s ->
                new Peer(
                    s,
                    new FakeTls(s, false, script),
                    new Transfer(s, false, streams, up, down, seed)));
    boolean done =
        pair.sim()
                .run(
                    () -> client.done() && pair.accepted().stream().anyMatch(Peer::done),
                    24 * 60 * Sim.MINUTES)
            == Sim.End.GOAL;
    client.close(pair.sim().now());
    pair.client().kick();
    pair.sim().runFor(Sim.MINUTES);
    synchronized (CHECKS) {
      rules.checks.forEach((k, v) -> CHECKS.merge(k, v, Long::sum));
      rules.breaches.forEach((k, v) -> BREACHES.putIfAbsent(k, "seed " + seed + ": " + v));
    }
    return done ? "" : "not finished: " + client;
  }

  private static Node tap(WireRules rules, Sim[] sim, boolean server, boolean sending) {
    return new Filter(d -> {
      if (sending) {
        rules.sent(server, d, sim[0].now());
      } else {
        rules.arrived(server, d, sim[0].now());
      }
      return true;
    });
  }

  private static void kept(String... rules) {
    for (String rule : rules) {
      assertThat(BREACHES.get(rule)).as(rule).isNull();
      assertThat(CHECKS.getOrDefault(rule, 0L)).as("%s: checked", rule).isPositive();
    }
  }

  /** RFC 9000 section 12.3. */
  @Test
  void packetNumbersIncrease() {
    kept("numbers increase");
  }

  /** RFC 9000 section 17.1. */
  @Test
  void packetNumbersAreLongEnough() {
    kept("length of numbers");
  }

  /** RFC 9000 sections 17.2 and 17.3. */
  @Test
  void headersAreClean() {
    kept("whole packets", "fixed bit", "reserved bits", "ids of 20 bytes at most");
    kept("no token of a server");
  }

  /** RFC 9000 sections 8.1 and 14.1. */
  @Test
  void initialDatagramsAreLarge() {
    kept("size of Initial datagrams");
  }

  /** RFC 9000 section 8.1. */
  @Test
  void theServerSendsThreeTimesWhatItGot() {
    kept("three times");
  }

  /** RFC 9000 sections 5.1, 7.2 and 12.2. */
  @Test
  void destinationIdsAreThePeers() {
    kept("first destination id", "one id a datagram", "source id stays");
    kept("destination id is the peer's");
  }

  /** RFC 9000 sections 5.1.1, 10.3.2 and 19.15. */
  @Test
  void issuedIdsAreNewAndFew() {
    kept("sequence numbers grow by one", "a sequence number means one id");
    kept("ids and reset tokens are new", "no more ids than the peer takes");
  }

  /** RFC 9001 sections 4.9.1, 4.9.2 and 5.6. */
  @Test
  void oldLevelsEnd() {
    kept("no Initial after Handshake", "no Handshake once confirmed", "keys of the level");
  }

  /** RFC 9000 sections 12.4 and 12.5. */
  @Test
  void framesFitTheirPackets() {
    kept("at least one frame", "frames can be read", "frames fit their packets");
    kept("server's frames", "HANDSHAKE_DONE when complete", "tokens are not empty");
  }

  /** RFC 9000 sections 13.1 and 13.2. */
  @Test
  void acksTellTheTruth() {
    kept("only received packets are acknowledged");
  }

  /** RFC 9000 section 13.2.1. */
  @Test
  void acknowledgementsAreNotAcknowledged() {
    kept("one ACK for each eliciting packet");
  }

  /** RFC 9000 section 13.2.1. */
  @Test
  void acksComeWithinMaxAckDelay() {
    kept("acknowledged in time");
  }

  /** RFC 9000 section 13.2.5. */
  @Test
  void ackDelaysAreOurOwn() {
    kept("ACK delays are our own");
  }

  /** RFC 9001 section 4.9. */
  @Test
  void newDataGoesAtTheHighestLevel() {
    kept("new data at the highest level");
  }

  /** RFC 9000 section 11.2: no program here resets a stream. */
  @Test
  void streamsAreResetByProgramsOnly() {
    kept("no RESET_STREAM of its own");
  }

  /** RFC 9000 section 2.2, RFC 9001 section 4.9. */
  @Test
  void dataNeverChanges() {
    kept("CRYPTO data never changes", "stream data never changes");
  }

  /** RFC 9000 sections 4.1, 4.5, 4.6 and 19. */
  @Test
  void limitsAreKept() {
    kept("the stream's limit", "the connection's limit", "the number of streams", "final size");
  }

  /** RFC 9000 section 10.2. */
  @Test
  void nothingFollowsTheEnd() {
    kept("only the close while closing", "nothing after the end");
  }
}
