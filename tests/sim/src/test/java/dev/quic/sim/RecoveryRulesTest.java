package dev.quic.sim;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** RFC 9002 sections 6.2.4 and 7, read off the events of many connections. */
class RecoveryRulesTest {
  private static final int SEEDS = 60;

  private static final long IDLE = 10 * Sim.MINUTES;

  /** One side: what a timeout brought about, and whether the window was kept. */
  private static final class Watch implements EventSink {
    private final String name;
    private long window = -1;
    private long inFlight;
    private long timeoutAt = -1;
    private boolean probed;
    private boolean confirmed;
    private boolean live = true;
    long checks;
    long timeouts;
    String wrong = "";

    Watch(String name) {
      this.name = name;
    }

    private void breach(long now, String what) {
      if (wrong.isEmpty()) {
        wrong = String.format(Locale.ROOT, "%s at %d ns: %s", name, now - Sim.START, what);
      }
    }

    private void probesWentOut(long now) {
      if (timeoutAt >= 0 && now > timeoutAt) {
        if (!probed && live) {
          breach(now, "no ack-eliciting packet at the timeout of " + (timeoutAt - Sim.START));
        }
        timeoutAt = -1;
      }
    }

    @Override
    public void packetSent(long now, long sock, int level, long pn, int bytes, boolean eliciting) {
      probesWentOut(now);
      if (!eliciting) {
        return;
      }
      probed = true;
      inFlight += bytes;
      // A client asks whether the server is there at all, where no probe timeout does yet.
      boolean asks = !confirmed && level == QuicUapi.QUIC_CRYPTO_APP;
      if (window >= 0 && !asks) {
        checks++;
        if (inFlight > window) {
          breach(now, inFlight + " bytes in flight, window " + window);
        }
      }
    }

    @Override
    public void packetLost(long now, long sock, int level, long pn, int bytes) {
      inFlight = Math.max(0, inFlight - bytes);
    }

    @Override
    public void recoveryUpdated(
        long now, long sock, long cwnd, long flight, long smoothedRttNs, long ssthresh) {
      window = cwnd;
      inFlight = flight;
    }

    /** Until something is acknowledged again probes may exceed the window (section 7.5). */
    @Override
    public void lossTimer(long now, long sock, int ptoCount) {
      probesWentOut(now);
      window = -1;
      timeoutAt = now;
      timeouts++;
      probed = false;
    }

    /** The window is what it was before; the next acknowledgement says how large. */
    @Override
    public void spuriousLoss(long now, long sock) {
      window = -1;
    }

    /** What was in flight at that level is no more. */
    @Override
    public void secretDiscarded(long now, long sock, int level) {
      confirmed |= level == QuicUapi.QUIC_CRYPTO_HANDSHAKE;
      window = -1;
    }

    @Override
    public void closed(long now, long sock, boolean local, boolean application, long errorCode) {
      live = false;
    }
  }

  private long checks;
  private long timeouts;

  @Test
  void timeoutsProbeAndWindowsAreKept() throws Exception {
    Seeds.run(RecoveryRulesTest.class, SEEDS, this::one);
    if (checks == 0 || timeouts == 0) {
      throw new AssertionError(checks + " packets and " + timeouts + " timeouts checked");
    }
  }

  private String one(long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    Network network = Network.random(r);
    Watch client = new Watch("client");
    Watch server = new Watch("server");
    Pair pair =
        new Pair(
            seed,
            network.nodes(r),
            network.nodes(r),
            Trace.of("client", client),
            Trace.of("server", server));
    pair.congestionControl((int) (seed % 2));
    pair.listen(IDLE, s -> peer(s, true, seed));
    Peer c = pair.connect(IDLE, s -> peer(s, false, seed));
    pair.sim()
        .run(
            () -> c.over() || c.done() && pair.accepted().stream().anyMatch(Peer::done),
            60 * Sim.MINUTES);
    synchronized (this) {
      checks += client.checks + server.checks;
      timeouts += client.timeouts + server.timeouts;
    }
    return client.wrong + server.wrong;
  }

  private static Peer peer(Sock s, boolean server, long seed) {
    long bytes = 150_000;
    return new Peer(
        s,
        new FakeTls(s, server, TlsScript.plain()),
        new Transfer(s, server, 1, bytes, bytes, seed));
  }
}
