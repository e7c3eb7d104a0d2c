package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 section 8.1: three times what came in, until the client's address is validated. */
class AmplificationTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final Network CLEAN = Network.clean(20 * Sim.MILLIS);
  private static final int LONG_FLIGHT = 30_000;

  /** The client's first datagrams pass, then nothing more: as if its address were forged. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void aSilentClientGetsThreeTimesItsBytes(int pass) {
    Scenario s = new Scenario(CLEAN);
    s.toServer = d -> s.datagramsToServer < pass;
    // The client hears nothing, so that what it sends stays Initials.
    s.toClient = d -> false;
    TlsScript script = TlsScript.plain().withFlight(LONG_FLIGHT);
    s.listen(script, IDLE, 1, 1);
    Peer client = s.connect(script, IDLE, 1, 1);
    s.sim().runFor(5 * Sim.MINUTES);
    assertThat(client.over()).isTrue();
    assertThat(s.datagramsToServer).isEqualTo(pass);
    assertThat(s.bytesToClient).isPositive().isLessThanOrEqualTo(3 * s.bytesToServer);
    assertThat(s.server().over()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {3_000, LONG_FLIGHT, 60_000})
  void aLongFlightArrivesOnceTheClientAnswers(int flight) {
    Scenario s = new Scenario(CLEAN);
    long[] before = {0};
    s.toServer =
        d -> {
          // Long header, type Handshake: validates the address.
          boolean handshake = (d.bytes[0] & 0xb0) == 0xa0;
          if (before[0] == 0 && (handshake || d.bytes[0] >= 0)) {
            before[0] = 1;
            assertThat(s.bytesToClient).isLessThanOrEqualTo(3 * s.bytesToServer);
          }
          return true;
        };
    TlsScript script = TlsScript.plain().withFlight(flight);
    s.listen(script, IDLE, 1, 10_000);
    Peer client = s.connect(script, IDLE, 1, 10_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES))
        .as("%s", client)
        .isEqualTo(Sim.End.GOAL);
  }

  /** The server is at its limit and everything the client said was acknowledged: no deadlock. */
  @Test
  void theClientBreaksTheDeadlock() {
    Scenario s = new Scenario(CLEAN);
    // Only the acknowledgement of the ClientHello passes at first.
    s.toClient = d -> s.datagramsToClient == 1 || s.sim().now() > Sim.START + Sim.SECONDS;
    TlsScript script = TlsScript.plain().withFlight(LONG_FLIGHT);
    s.listen(script, IDLE, 1, 10_000);
    Peer client = s.connect(script, IDLE, 1, 10_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES))
        .as("%s", client)
        .isEqualTo(Sim.End.GOAL);
  }
}
