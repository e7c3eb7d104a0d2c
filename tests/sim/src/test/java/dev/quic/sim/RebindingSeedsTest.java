package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.Nat;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Transfers through lossy networks behind a translator that gives the client a new port, or a new
 * address and port, again and again, and forgets the last one at once (RFC 9000 section 9.3).
 */
class RebindingSeedsTest {
  private static final int SEEDS = 1_000;
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final long HANDSHAKE = 10 * Sim.MINUTES;
  private static final SockAddr OUTSIDE = SockAddr.v4(0xc6336401, 0);

  private final AtomicLong rebinds = new AtomicLong();

  @Test
  void everyByteArrives() throws Exception {
    Seeds.run(RebindingSeedsTest.class, SEEDS, this::one);
    assertThat(rebinds.get()).isGreaterThan(Integer.getInteger(Seeds.COUNT, 1));
  }

  private static boolean served(Pair pair) {
    return !pair.accepted().isEmpty() && pair.accepted().getFirst().handshakeAt() >= 0;
  }

  private String one(long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    Network network = Network.random(r);
    // The handshake has time, and each mapping a few round trips.
    long roundTrip = 2 * (network.delay() + network.jitter());
    long period = 4 * roundTrip + r.nextLong(300 * Sim.MILLIS, 5 * Sim.SECONDS);
    long offset = r.nextLong(period);
    Nat nat = new Nat(OUTSIDE, Sim.START, HANDSHAKE, true, r.nextBoolean());
    List<Node> there = new ArrayList<>(List.of(nat.outbound()));
    there.addAll(network.nodes(r));
    List<Node> back = new ArrayList<>(network.nodes(r));
    back.add(nat.inbound());
    Pair pair = new Pair(seed, there, back, null);
    // Both ways, or a download, or an upload.
    int kind = r.nextInt(3);
    long out = kind == 1 ? 100 : 1 << 19;
    long in = kind == 2 ? 100 : 1 << 19;
    TlsScript script = TlsScript.plain();
    pair.listen(
        IDLE,
        s -> new Peer(s, new FakeTls(s, true, script), new Transfer(s, true, 1, in, out, seed)));
    Peer client =
        pair.connect(
            IDLE,
            s ->
                new Peer(
                    s, new FakeTls(s, false, script), new Transfer(s, false, 1, out, in, seed)));
    // RFC 9000 section 9: addresses stay until the handshake is confirmed.
    pair.sim().run(() -> client.handshakeAt() >= 0 && served(pair), HANDSHAKE);
    nat.restart(pair.sim().now() - offset, period);
    pair.sim()
        .run(
            () ->
                client.over()
                    || client.done()
                        && !pair.accepted().isEmpty()
                        && pair.accepted().getFirst().done(),
            4 * 60 * Sim.MINUTES);
    rebinds.addAndGet(nat.rebinds());
    boolean good =
        client.done() && !pair.accepted().isEmpty() && pair.accepted().getFirst().done();
    String what =
        "kind "
            + kind
            + ", every "
            + period / Sim.MILLIS
            + " ms, "
            + nat.rebinds()
            + " times, at "
            + (pair.sim().now() - Sim.START) / Sim.MILLIS
            + " ms; "
            + network
            + "; "
            + client
            + "; "
            + pair.accepted();
    if (!good) {
      return what;
    }
    client.close(pair.sim().now());
    pair.client().kick();
    pair.sim().run(() -> pair.accepted().getFirst().over(), IDLE + Sim.MINUTES);
    pair.closeServer();
    pair.sim().run(pair::empty, IDLE + Sim.MINUTES);
    boolean left = pair.client().boundPorts() + pair.server().boundPorts() > 0;
    return pair.empty() && !left ? "" : "sockets or ports left; " + what;
  }
}
