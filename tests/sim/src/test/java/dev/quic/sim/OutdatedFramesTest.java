package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9000 section 13.3: frames that say less than is known already change nothing. */
class OutdatedFramesTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int BYTES = 8_000;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "MAX_DATA, 10 00",
    "MAX_STREAM_DATA, 11 01 00",
    "MAX_STREAMS (bidi), 12 00",
    "MAX_STREAMS (uni), 13 00",
  })
  void changeNothing(String what, String frames) {
    Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
    ForgedClient forged = new ForgedClient();
    s.toServer =
        d -> {
          forged.learn(d);
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.sim().runFor(Sim.SECONDS);
    // From here on the forger is the client.
    s.toServer = d -> false;
    s.toClient = d -> false;
    Sock server = s.server().sock();
    long now = s.sim().now();
    int flags = QuicUapi.MSG_QUIC_STREAM_NEW;
    assertThat(server.sendmsg(now, new Msg().stream(1, flags), new byte[1], 0, 1)).isEqualTo(1);
    s.pair.server().kick();
    s.sim().runFor(Sim.MILLIS);
    byte[] bytes = TransportViolationsTest.hex(frames);
    s.pair.server().accept(s.sim().now(), forged.packet(QuicUapi.QUIC_CRYPTO_APP, bytes, 0));
    s.sim().runFor(Sim.MILLIS);
    long before = s.bytesToClient;
    // The end of a stream is not held back to be bundled.
    int fin = QuicUapi.MSG_QUIC_STREAM_FIN;
    now = s.sim().now();
    int n = server.sendmsg(now, new Msg().stream(1, fin), new byte[BYTES / 2], 0, BYTES / 2);
    n += server.sendmsg(now, new Msg().stream(5, flags | fin), new byte[BYTES / 2], 0, BYTES / 2);
    assertThat(n).isEqualTo(BYTES);
    s.pair.server().kick();
    // Pacing spreads it over a round trip, and a probe timeout is farther away.
    s.sim().runFor(50 * Sim.MILLIS);
    assertThat(s.bytesToClient - before).isGreaterThan(BYTES);
    assertThat(server.state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHED);
  }
}
