package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * RFC 9000 section 21.4: a client that acknowledges what it may not have received, to be sent more
 * and faster. It counts the server's datagrams and takes each for the next number.
 */
class OptimisticAckTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final long BYTES = 50_000_000;
  private static final long ASKED = 1_000;

  /** What the server sends at most before it finds out. */
  private static final long BOUND = 2_000_000;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final ForgedClient forged = new ForgedClient();
  private long counted;
  private long answered;

  private static Peer peer(Sock k, boolean server) {
    long out = server ? BYTES : ASKED;
    Transfer t = new Transfer(k, server, 1, out, BYTES + ASKED - out, Scenario.SEED);
    return new Peer(k, new FakeTls(k, server, TlsScript.plain()), t);
  }

  private void ack(long largest) {
    byte[] buf = new byte[64];
    Writer w = new Writer();
    w.wrap(buf, 0, buf.length);
    // One range down to 0: the attacker claims everything.
    w.u8(FrameType.ACK).varint(largest).varint(0).varint(0).varint(largest);
    byte[] frames = Arrays.copyOf(buf, w.position());
    s.pair.server().accept(s.sim().now(), forged.packet(APP, frames, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 50})
  void isFoundOut(int perAck) {
    s.toServer =
        d -> {
          forged.learn(d);
          return true;
        };
    s.pair.listen(IDLE, k -> peer(k, true));
    Peer client = s.pair.connect(IDLE, k -> peer(k, false));
    assertThat(s.sim().run(() -> client.transfer().received() > 0, Sim.MINUTES))
        .isEqualTo(Sim.End.GOAL);
    Heap heap = new Heap();
    s.toServer = d -> false;
    s.toClient =
        d -> {
          counted++;
          answered += d.length();
          return false;
        };
    int acks = 0;
    while (s.server().sock().state() == QuicUapi.QUIC_SS_ESTABLISHED && acks < 100_000) {
      s.sim().runFor(Sim.MILLIS);
      if (counted / perAck > acks) {
        ack(counted);
        acks++;
      }
    }
    heap.assertBounded();
    assertThat(s.server().sock().state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
    assertThat(answered).isLessThan(BOUND);
  }
}
