package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;
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
import java.util.function.Predicate;
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

  private String one(long seed) {
    Run run = new Run(seed);
    String wrong = run.run();
    rebinds.addAndGet(run.nat.rebinds());
    return wrong;
  }

  private static final class Run {
    final Nat nat;
    private final long seed;
    private final Network network;
    private final long period;
    private final long offset;
    private final int kind;
    private final Pair pair;

    Run(long seed) {
      this.seed = seed;
      SplittableRandom r = new SplittableRandom(seed);
      network = Network.random(r);
      // Each mapping lasts a few round trips.
      long roundTrip = 2 * (network.delay() + network.jitter());
      period = 4 * roundTrip + r.nextLong(300 * Sim.MILLIS, 5 * Sim.SECONDS);
      offset = r.nextLong(period);
      nat = new Nat(OUTSIDE, Sim.START, HANDSHAKE, true, r.nextBoolean());
      List<Node> there = new ArrayList<>(List.of(nat.outbound()));
      there.addAll(network.nodes(r));
      List<Node> back = new ArrayList<>(network.nodes(r));
      back.add(nat.inbound());
      pair = new Pair(seed, there, back, null);
      // Both ways, or a download, or an upload.
      kind = r.nextInt(3);
    }

    private Peer peer(Sock s, boolean server) {
      long up = kind == 1 ? 100 : 1 << 19;
      long down = kind == 2 ? 100 : 1 << 19;
      FakeTls tls = new FakeTls(s, server, TlsScript.plain());
      return new Peer(
          s, tls, new Transfer(s, server, 1, server ? down : up, server ? up : down, seed));
    }

    private boolean served(Predicate<Peer> how) {
      return !pair.accepted().isEmpty() && how.test(pair.accepted().getFirst());
    }

    String run() {
      pair.listen(IDLE, s -> peer(s, true));
      Peer client = pair.connect(IDLE, s -> peer(s, false));
      // RFC 9000 section 9: addresses stay until the handshake is confirmed.
      pair.sim()
          .run(() -> client.handshakeAt() >= 0 && served(p -> p.handshakeAt() >= 0), HANDSHAKE);
      nat.restart(pair.sim().now() - offset, period);
      pair.sim()
          .run(() -> client.over() || client.done() && served(Peer::done), 4 * 60 * Sim.MINUTES);
      String what = describe(client);
      if (!client.done() || !served(Peer::done)) {
        return what;
      }
      client.close(pair.sim().now());
      pair.client().kick();
      pair.sim().run(() -> served(Peer::over), IDLE + Sim.MINUTES);
      pair.closeServer();
      pair.sim().run(pair::empty, IDLE + Sim.MINUTES);
      boolean left = pair.client().boundPorts() + pair.server().boundPorts() > 0;
      return pair.empty() && !left ? "" : "sockets or ports left; " + what;
    }

    private String describe(Peer client) {
      return "kind "
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
    }
  }
}
