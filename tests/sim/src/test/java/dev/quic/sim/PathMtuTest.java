package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.EventLog;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.ShrinkingMtu;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The search for a path's MTU, and paths whose MTU falls (RFC 8899, RFC 9000 section 14). */
class PathMtuTest {
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final int MIB = 1 << 20;
  private static final int LIMIT = 1_472;

  /** An interface's, with IP header, and what it leaves for datagrams. */
  private static final int JUMBO = 9_000;

  private static final int LARGE = 8_972;

  private final EventLog log = new EventLog();
  private double seconds;

  private void transfer(Scenario s, long bytes) {
    s.listen(TlsScript.plain(), IDLE, 2, bytes / 2);
    Peer client = s.connect(TlsScript.plain(), IDLE, 2, bytes / 2);
    Sim.End end = s.sim().run(() -> s.finished(client) || client.over(), 60 * Sim.MINUTES);
    assertThat(s.finished(client)).as("%s: %s; %s", end, client, s.pair.accepted()).isTrue();
    seconds = (s.sim().now() - Sim.START) / 1e9;
  }

  private Scenario scenario(Network network, long seed, Node out, Node back) {
    return new Scenario(network, List.of(out), List.of(back), seed, log);
  }

  /** Sizes one side used, in order: time in ms, size. */
  private List<long[]> sizes(String endpoint) {
    List<long[]> found = new ArrayList<>();
    for (String line : log.text().split("\n", -1)) {
      String[] w = line.split(" ", -1);
      if (w.length > 4 && w[1].startsWith(endpoint + "#") && w[2].equals("mtu")) {
        found.add(new long[] {Long.parseLong(w[0]) / Sim.MILLIS, Long.parseLong(w[4])});
      }
    }
    return found;
  }

  private long last(String endpoint) {
    List<long[]> all = sizes(endpoint);
    return all.isEmpty() ? 1_200 : all.getLast()[1];
  }

  @Test
  void theLimitIsFoundInOneRoundTrip() {
    Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS), List.of(), List.of(), 1, log);
    transfer(s, MIB);
    assertThat(sizes("client")).hasSize(1);
    assertThat(sizes("client").getFirst()[1]).isEqualTo(LIMIT);
    // Two round trips for the handshake and its confirmation, one for the probe.
    assertThat(sizes("client").getFirst()[0]).isLessThan(130);
    assertThat(log.text()).doesNotContain("packet_lost");
  }

  @ParameterizedTest
  @ValueSource(ints = {1_200, 1_204, 1_252, 1_280, 1_350, 1_404, 1_452, 1_465, 1_472})
  void aNarrowPathIsFoundWithinAFewBytes(int mtu) {
    Network narrow = Network.clean(20 * Sim.MILLIS).withMtu(mtu).withRate(8_000_000, 60_000);
    transfer(new Scenario(narrow, List.of(), List.of(), 1, log), 4 * MIB);
    assertThat(last("client")).isBetween(mtu - 8L, (long) mtu);
    assertThat(last("server")).isBetween(mtu - 8L, (long) mtu);
  }

  @Test
  void lostProbesAreNoCongestion() {
    Network network = Network.clean(20 * Sim.MILLIS).withMtu(1_300);
    transfer(new Scenario(network, List.of(), List.of(), 1, log), MIB);
    for (String line : log.text().split("\n", -1)) {
      if (line.contains(" recovery ")) {
        assertThat(line).as("slow start goes on").endsWith(" " + Long.MAX_VALUE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aPathThatShrinksInTheMiddleRecovers(int seed) {
    SplittableRandom r = new SplittableRandom(seed);
    int after = r.nextInt(1_200, 1_460);
    long at = Sim.START + r.nextLong(200 * Sim.MILLIS, 2 * Sim.SECONDS);
    Network network =
        Network.clean(r.nextLong(5, 60) * Sim.MILLIS)
            .withLoss(seed % 3 == 0 ? 0.001 : 0)
            .withRate(20_000_000, 100_000);
    Scenario s =
        scenario(
            network,
            seed,
            new ShrinkingMtu(LIMIT, after, at),
            new ShrinkingMtu(LIMIT, seed % 2 == 0 ? after : LIMIT, at));
    transfer(s, 8 * MIB);
    assertThat(last("client"))
        .as("of %d at %d ms", after, at / Sim.MILLIS)
        .isBetween(after - 8L, (long) after);
    // 8 MiB each way at 20 Mbit/s last 3.5 s; what the change costs is a few timeouts.
    assertThat(seconds).isLessThan(seed % 3 == 0 ? 25 : 9);
  }

  @Test
  void aPathThatGrowsIsFoundAgain() {
    long grows = Sim.START + 5 * Sim.SECONDS;
    Network slow = Network.clean(20 * Sim.MILLIS).withRate(50_000, 8_000);
    Scenario s =
        scenario(
            slow, 1, new ShrinkingMtu(1_300, LIMIT, grows), new ShrinkingMtu(1_300, LIMIT, grows));
    // Slow enough that the raise timer of 600 s passes.
    transfer(s, 4 * MIB);
    assertThat(last("client")).isEqualTo(LIMIT);
  }

  private static Scenario large(Scenario s) {
    s.pair.client().routeMtu(JUMBO);
    s.pair.server().routeMtu(JUMBO);
    return s;
  }

  private Scenario large(Network network) {
    return large(new Scenario(network, List.of(), List.of(), 1, log));
  }

  @Test
  void aLargeInterfaceIsUsedAfterTwoRoundTrips() {
    transfer(large(Network.clean(20 * Sim.MILLIS).withMtu(LARGE)), 4 * MIB);
    assertThat(sizes("client")).extracting(s -> s[1]).containsExactly((long) LIMIT, (long) LARGE);
    assertThat(sizes("client").getLast()[0]).isLessThan(250);
    assertThat(last("server")).isEqualTo(LARGE);
    assertThat(log.text()).doesNotContain("packet_lost");
  }

  @Test
  void loopbackIsNoReasonForLargeDatagrams() {
    Scenario s = large(Network.clean(20 * Sim.MILLIS).withMtu(65_508));
    s.pair.client().routeMtu(65_536);
    transfer(s, MIB);
    assertThat(last("client")).isEqualTo(LIMIT);
  }

  /** A window full of small packets makes room for a large one. */
  @ParameterizedTest
  @ValueSource(ints = {1_000_000, 8_000_000, 100_000_000})
  void aBusyLinkIsSearched(int rate) {
    Network busy = Network.clean(10 * Sim.MILLIS).withMtu(LARGE).withRate(rate, 100_000);
    transfer(large(busy), 4 * MIB);
    for (String side : List.of("client", "server")) {
      assertThat(last(side)).isEqualTo(LARGE);
      assertThat(sizes(side).getLast()[0]).as("ms").isLessThan(1_000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1_300, 1_472, 1_479, 1_480, 1_500, 2_000, 4_322, 8_964})
  void aLargeInterfaceBeforeANarrowPath(int mtu) {
    Network narrow = Network.clean(20 * Sim.MILLIS).withMtu(mtu).withRate(8_000_000, 60_000);
    transfer(large(narrow), 8 * MIB);
    assertThat(last("client")).isBetween(mtu - 8L, (long) mtu);
    assertThat(last("server")).isBetween(mtu - 8L, (long) mtu);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aLargePathThatShrinksRecovers(int seed) {
    SplittableRandom r = new SplittableRandom(seed);
    int after = seed % 4 == 0 ? LIMIT : r.nextInt(1_200, LARGE - 8);
    long at = Sim.START + r.nextLong(400 * Sim.MILLIS, 2 * Sim.SECONDS);
    Network network =
        Network.clean(r.nextLong(5, 60) * Sim.MILLIS)
            .withLoss(seed % 3 == 0 ? 0.001 : 0)
            .withRate(20_000_000, 100_000)
            .withMtu(LARGE);
    Node back = new ShrinkingMtu(LARGE, seed % 2 == 0 ? after : LARGE, at);
    transfer(large(scenario(network, seed, new ShrinkingMtu(LARGE, after, at), back)), 16 * MIB);
    assertThat(sizes("client")).extracting(s -> s[1]).contains((long) LARGE, 1_200L);
    assertThat(last("client"))
        .as("of %d at %d ms", after, at / Sim.MILLIS)
        .isBetween(after - 8L, (long) after);
    // 16 MiB each way at 20 Mbit/s last 7 s.
    assertThat(seconds).isLessThan(seed % 3 == 0 ? 50 : 16);
  }

  /** Somebody forged an ICMP message, or a route says so: what passes is found all the same. */
  @Test
  void whatTheSystemSaysMakesNothingSmaller() {
    Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS), List.of(), List.of(), 1, log);
    s.pair.client().routeMtu(576);
    s.pair.server().routeMtu(1_300);
    transfer(s, MIB);
    assertThat(last("client")).isEqualTo(LIMIT);
    assertThat(last("server")).isEqualTo(LIMIT);
  }

  /** The interface says from the first probe on what it does not carry. */
  @Test
  void aSmallInterfaceIsUsedToTheByte() {
    Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS), List.of(), List.of(), 1, log);
    s.pair.client().routeMtu(1_420);
    s.pair.client().interfaceMtu(1_392);
    transfer(s, MIB);
    assertThat(last("client")).isEqualTo(1_392);
    assertThat(last("server")).isEqualTo(LIMIT);
  }

  @Test
  void anInterfaceThatGrewIsUsedWhenThePathIsTriedAgain() {
    // The window is full all the time, and makes room for the probe.
    Network slow = Network.clean(20 * Sim.MILLIS).withRate(500_000, 100_000).withMtu(LARGE);
    Scenario s = new Scenario(slow, List.of(), List.of(), 1, log);
    s.listen(TlsScript.plain(), IDLE, 1, 40 * MIB);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 40 * MIB);
    s.sim().runFor(60 * Sim.SECONDS);
    assertThat(last("client")).isEqualTo(LIMIT);
    s.pair.client().routeMtu(JUMBO);
    s.sim().run(() -> s.finished(client) || client.over(), 60 * Sim.MINUTES);
    assertThat(s.finished(client)).isTrue();
    assertThat(last("client")).isEqualTo(LARGE);
    // Without room made it would take until the next loss.
    assertThat(sizes("client").getLast()[0]).as("ms").isBetween(600_000L, 605_000L);
  }
}
