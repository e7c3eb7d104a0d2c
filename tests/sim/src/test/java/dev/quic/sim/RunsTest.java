package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Datagrams of nothing but stream data are built many at once, unless a listener wants to know
 * every frame. Both ways send the same bytes at the same time.
 */
class RunsTest {
  private static final long BYTES = 600_000;

  /** A listener that wants everything and notes how many frames it was told. */
  private static final class Curious implements EventSink {
    private int frames;

    @Override
    public boolean detailed() {
      return true;
    }

    @Override
    public void frame(long now, long sock, int what, long pn, long x, long y, long z) {
      frames++;
    }
  }

  /** Notes what passes, and when. */
  private static final class Tap extends Node {
    private final List<String> seen = new ArrayList<>();

    @Override
    public void accept(long now, Datagram d) {
      seen.add(now + " " + d.length() + " " + d.ecn + " " + Arrays.hashCode(d.bytes));
      forward(now, d);
    }
  }

  private static List<String> upload(Network network, int streams, long seed, EventSink events) {
    Tap tap = new Tap();
    SplittableRandom r = new SplittableRandom(seed);
    List<Node> out = new ArrayList<>(List.of(tap));
    out.addAll(network.nodes(r));
    Pair pair = new Pair(seed, out, network.nodes(r), events, events);
    pair.listen(
        Sim.MINUTES,
        s ->
            new Peer(
                s,
                new FakeTls(s, true, TlsScript.plain()),
                new Transfer(s, true, streams, 0, BYTES, seed)));
    Peer client =
        pair.connect(
            Sim.MINUTES,
            s ->
                new Peer(
                    s,
                    new FakeTls(s, false, TlsScript.plain()),
                    new Transfer(s, false, streams, BYTES, 0, seed)));
    Sim.End end = pair.sim().run(() -> received(pair) == streams * BYTES, 10 * Sim.MINUTES);
    assertThat(end).as("%s, seed %d: %s", network, seed, client).isEqualTo(Sim.End.GOAL);
    return tap.seen;
  }

  private static long received(Pair pair) {
    return pair.accepted().stream().mapToLong(p -> p.transfer().received()).sum();
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "1, 0.02", "3, 0", "3, 0.05"})
  void manyAtOnceAreTheSameDatagrams(int streams, double loss) {
    for (long seed = 1; seed <= 10; seed++) {
      Network network = Network.clean(5 * Sim.MILLIS).withLoss(loss);
      Curious curious = new Curious();
      List<String> oneByOne = upload(network, streams, seed, curious);
      assertThat(curious.frames).isGreaterThan(1_000);
      assertThat(upload(network, streams, seed, EventSink.NONE)).isEqualTo(oneByOne);
    }
  }
}
