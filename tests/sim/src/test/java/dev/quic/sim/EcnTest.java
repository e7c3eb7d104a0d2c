package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.path.Ecn;
import dev.quic.simnet.EventLog;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.EcnBleach;
import dev.quic.simnet.node.EcnMark;
import dev.quic.simnet.node.Filter;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ECN over networks that carry marks, wipe them, swallow them or set them (RFC 9000 13.4). */
class EcnTest {
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final int BYTES = 1 << 20;

  private final EventLog log = new EventLog();
  private int markedOut;
  private int datagramsOut;
  private int markedBack;
  private long seconds;

  private Node counter() {
    return new Filter(d -> {
      datagramsOut++;
      markedOut += d.ecn != 0 ? 1 : 0;
      return true;
    });
  }

  /** A transfer both ways with nodes of the same kind each way. */
  private void transfer(Network network, long seed, List<Node> out, List<Node> back) {
    List<Node> there = new ArrayList<>();
    there.add(counter());
    there.addAll(out);
    Scenario s = new Scenario(network, there, back, seed, log);
    s.toClient =
        d -> {
          markedBack += d.ecn != 0 ? 1 : 0;
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
    Sim.End end = s.sim().run(() -> s.finished(client) || client.over(), 60 * Sim.MINUTES);
    assertThat(s.finished(client)).as("%s: %s; %s", end, client, s.pair.accepted()).isTrue();
    seconds = (s.sim().now() - Sim.START) / Sim.SECONDS;
  }

  private static Network network() {
    return Network.clean(20 * Sim.MILLIS);
  }

  private List<Integer> states(String endpoint) {
    List<Integer> found = new ArrayList<>();
    for (String line : log.text().split("\n", -1)) {
      String[] w = line.split(" ", -1);
      if (w.length == 4 && w[1].startsWith(endpoint + "#") && w[2].equals("ecn_state")) {
        found.add(Integer.valueOf(w[3]));
      }
    }
    return found;
  }

  @Test
  void everythingIsMarkedWhereMarksArrive() {
    transfer(network(), 1, List.of(), List.of());
    assertThat(states("client")).endsWith(Ecn.CAPABLE);
    assertThat(states("server")).endsWith(Ecn.CAPABLE);
    assertThat(markedOut).isGreaterThan(datagramsOut * 9 / 10);
    assertThat(markedBack).isPositive();
  }

  @Test
  void wipedMarksAreNoticed() {
    transfer(network(), 1, List.of(new EcnBleach(false)), List.of(new EcnBleach(false)));
    assertThat(states("client")).endsWith(Ecn.FAILED);
    assertThat(states("server")).endsWith(Ecn.FAILED);
    // Those of the test, and what was under way meanwhile.
    assertThat(markedOut).isLessThan(30);
  }

  @Test
  void marksWipedOneWayFailOneWay() {
    transfer(network(), 1, List.of(new EcnBleach(false)), List.of());
    assertThat(states("client")).endsWith(Ecn.FAILED);
    assertThat(states("server")).endsWith(Ecn.CAPABLE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whereMarkedDatagramsVanishTheConnectionGoesOnWithout(boolean bothWays) {
    List<Node> back = bothWays ? List.of(new EcnBleach(true)) : List.of();
    transfer(network(), 1, List.of(new EcnBleach(true)), back);
    assertThat(states("client")).endsWith(Ecn.FAILED);
    assertThat(markedOut).isLessThan(30);
    // One probe timeout for the client's Initial, one for the server's answer.
    assertThat(seconds).isLessThan(5);
  }

  @Test
  void congestionOnEveryPacketSlowsDownButDoesNotStop() {
    SplittableRandom r = new SplittableRandom(1);
    transfer(network(), 1, List.of(new EcnMark(1, r.split())), List.of(new EcnMark(1, r.split())));
    assertThat(states("client")).endsWith(Ecn.CAPABLE);
    // The smallest window is two datagrams a round trip: 1 MiB takes 450 of them.
    assertThat(seconds).isBetween(10L, 40L);
    assertThat(log.text()).doesNotContain("packet_lost");
  }

  @Test
  void marksReplaceLossAtAnActiveQueue() {
    SplittableRandom r = new SplittableRandom(3);
    transfer(
        network(), 1, List.of(new EcnMark(.02, r.split())), List.of(new EcnMark(.02, r.split())));
    assertThat(log.text()).doesNotContain("packet_lost");
    assertThat(states("client")).endsWith(Ecn.CAPABLE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void ordinaryLossDoesNotEndMarking(int seed) {
    transfer(network().withLoss(0.03), seed, List.of(), List.of());
    assertThat(states("client")).endsWith(Ecn.CAPABLE);
    assertThat(states("server")).endsWith(Ecn.CAPABLE);
  }

  @Test
  void aPathThatBeginsToSwallowMarksIsUsedWithout() {
    long begins = Sim.START + Sim.SECONDS / 2;
    boolean[] over = new boolean[1];
    Node late = new Filter(d -> d.ecn == 0 || !over[0]);
    Scenario s =
        new Scenario(network().withRate(8_000_000, 60_000), List.of(late), List.of(), 1, log);
    s.listen(TlsScript.plain(), IDLE, 1, 4 * BYTES);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 4 * BYTES);
    s.sim().run(() -> s.sim().now() >= begins, Sim.MINUTES);
    over[0] = true;
    s.sim().run(() -> s.finished(client) || client.over(), 60 * Sim.MINUTES);
    assertThat(s.finished(client)).as("%s", client).isTrue();
    assertThat(states("client")).endsWith(Ecn.FAILED);
  }
}
