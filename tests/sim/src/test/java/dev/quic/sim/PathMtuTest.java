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
}
