package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 0-RTT, accepted and refused, over clean networks and awful ones. */
class EarlyDataTest {
  private static final int SEEDS = 400;
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final long LONGEST = 60 * Sim.MINUTES;
  private static final Network CLEAN = Network.clean(10 * Sim.MILLIS);
  private static final TlsScript SCRIPT = TlsScript.plain().granted();

  /** One transfer that begins in 0-RTT. */
  private static final class Run {
    final Pair pair;
    final boolean taken;
    final int streams;
    final long bytes;
    final long seed;
    private final String what;

    Run(long seed, Network network, boolean taken, boolean deliver, boolean retry, long bytes) {
      this.seed = seed;
      this.taken = taken;
      this.bytes = bytes;
      streams = 1 + (int) (seed % 3);
      what =
          (taken ? "taken" : "refused")
              + (deliver ? ", delivered early" : "")
              + (retry ? ", Retry" : "")
              + "; "
              + network;
      pair = Pair.over(network, seed, null);
      if (retry) {
        pair.validatePeerAddress();
      }
      TlsScript script = SCRIPT.withEarly(taken);
      pair.listen(IDLE, s -> new Peer(s, new FakeTls(s, true, script), transfer(s, true)));
      pair.remember();
      if (deliver) {
        pair.deliverEarly();
      }
    }

    private Transfer transfer(dev.quic.dataplane.core.socket.Sock s, boolean server) {
      return new Transfer(s, server, streams, bytes, bytes, seed);
    }

    Peer connect() {
      TlsScript script = SCRIPT.withEarly(true);
      return pair.connect(
          IDLE, s -> new Peer(s, new FakeTls(s, false, script), transfer(s, false)));
    }

    Peer server() {
      return pair.accepted().getFirst();
    }

    boolean finished(Peer client) {
      return client.done() && !pair.accepted().isEmpty() && server().done();
    }

    /** Returns what went wrong, or an empty text. */
    String run() {
      Peer client = connect();
      Sim.End end = pair.sim().run(() -> client.over() || finished(client), LONGEST);
      if (!finished(client)) {
        return what + ": ended with " + end + "; " + client + "; " + pair.accepted();
      }
      int decision = decision(client);
      if (decision != (taken ? 1 : 0)) {
        return what + ": decided " + decision;
      }
      client.close(pair.sim().now());
      pair.client().kick();
      pair.sim().run(() -> server().over(), IDLE + Sim.MINUTES);
      pair.closeServer();
      pair.sim().run(pair::empty, IDLE + Sim.MINUTES);
      return pair.empty() ? "" : what + ": sockets left";
    }
  }

  private static int decision(Peer peer) {
    byte[] v = new byte[4];
    int name = QuicUapi.QUIC_SOCKOPT_EARLY_DATA;
    assertThat(peer.sock().getsockopt(0, QuicUapi.SOL_QUIC, name, v, 4)).isEqualTo(4);
    return v[0];
  }

  @Test
  void everyByteArrivesOnceInAnyNetwork() throws Exception {
    Seeds.run(
        EarlyDataTest.class,
        SEEDS,
        seed -> {
          SplittableRandom r = new SplittableRandom(~seed);
          long bytes = 1 + r.nextInt(100_000);
          boolean retry = r.nextInt(4) == 0;
          // A Retry's token is good for seconds only: an awful network may need longer.
          Network network =
              retry ? CLEAN.withLoss(0.1) : Network.random(new SplittableRandom(seed));
          return new Run(seed, network, r.nextBoolean(), r.nextBoolean(), retry, bytes).run();
        });
  }

  @Test
  void dataOfTheFirstFlightIsThereAfterHalfARoundTrip() {
    Run run = new Run(3, CLEAN, true, true, false, 4_000);
    Peer client = run.connect();
    run.pair
        .sim()
        .run(
            () -> !run.pair.accepted().isEmpty() && run.server().transfer().received() == 4_000,
            Sim.MINUTES);
    assertThat(run.pair.sim().now() - Sim.START).isEqualTo(10 * Sim.MILLIS);
    assertThat(client.handshakeAt()).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRetryCostsOneRoundTripAndNoData(boolean taken) {
    Run run = new Run(3, CLEAN, taken, true, true, 4_000);
    assertThat(run.run()).isEmpty();
    assertThat(run.pair.accepted()).hasSize(1);
  }
}
