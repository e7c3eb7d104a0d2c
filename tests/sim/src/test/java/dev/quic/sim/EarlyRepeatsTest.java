package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.SlowTls;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * RFC 9002 section 6.2.3: a client whose ClientHello was acknowledged, but who lost the
 * ServerHello, probes with PINGs, each of which says so.
 */
class EarlyRepeatsTest {
  private static final long IDLE = 30 * Sim.SECONDS;

  /** Smaller than a flight, larger than a datagram with an acknowledgement alone. */
  private static final int SMALL = 1_000;

  private int flights;

  private Peer connect(Scenario s, long outage) {
    s.toClient =
        d -> {
          flights += d.length() > SMALL ? 1 : 0;
          return d.length() < SMALL || s.sim().now() > Sim.START + outage;
        };
    s.pair.listen(
        IDLE,
        k ->
            new Peer(
                k,
                // So that the acknowledgement of the ClientHello goes alone.
                new SlowTls(k, true, TlsScript.plain(), 100 * Sim.MILLIS),
                new Transfer(k, true, 1, 1_000, 1_000, Scenario.SEED)));
    return s.connect(TlsScript.plain(), IDLE, 1, 1_000);
  }

  /** The server's own timeouts, without a round trip to go by, come after 1.1, 3.1 and 7.1 s. */
  @ParameterizedTest
  @ValueSource(longs = {10, 20, 30})
  void aProbeOfTheClientsFetchesTheServerHello(long roundTrip) {
    Scenario s = new Scenario(Network.clean(roundTrip / 2 * Sim.MILLIS));
    Peer client = connect(s, 3_200 * Sim.MILLIS);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES))
        .as("%s", client)
        .isEqualTo(Sim.End.GOAL);
    assertThat(client.handshakeAt() - Sim.START).isLessThan(7 * Sim.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(longs = {10, 30, 100})
  void aClientThatOnlyProbesIsAnsweredALimitedNumberOfTimes(long roundTrip) {
    Scenario s = new Scenario(Network.clean(roundTrip / 2 * Sim.MILLIS));
    Peer client = connect(s, 20 * Sim.MINUTES);
    s.sim().runFor(10 * Sim.MINUTES);
    assertThat(client.done()).isFalse();
    assertThat(flights).isBetween(5, 60);
  }
}
