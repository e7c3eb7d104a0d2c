package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.sim.Capture.Packet;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Clients that lost a part of the handshake and probe with no more than a PING, which is heard
 * once: the server repeats by itself what it has (RFC 9002 section 6.2.4).
 */
class BareProbesTest {
  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final Capture seen = new Capture();
  private final ForgedClient forged = new ForgedClient();

  /** The client's first datagram comes through, and no other. */
  private void hearOnce() {
    boolean[] heard = new boolean[1];
    s.toServer =
        d -> {
          forged.learn(d);
          seen.note(s.sim().now(), false, d);
          boolean first = !heard[0];
          heard[0] = true;
          return first;
        };
    s.toClient =
        d -> {
          seen.note(s.sim().now(), true, d);
          return true;
        };
  }

  /** From now on the client hears nothing, and is heard with these frames only. */
  private void probe(int level, byte... frames) {
    s.toClient =
        d -> {
          seen.note(s.sim().now(), true, d);
          return false;
        };
    s.pair.server().accept(s.sim().now(), forged.packet(level, frames, 0));
    s.sim().runFor(10 * Sim.SECONDS);
  }

  private List<Packet> asked(int level) {
    return seen.of(true, FrameType.PING).stream()
        .filter(p -> p.level() == level)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  @Test
  void theOtherHalfOfAClientHello() {
    Listeners in = new Listeners(s);
    hearOnce();
    in.listen(Pair.SERVER.withPort(Pair.PORT), "a");
    in.connect("a", "", 1_500);
    s.sim().runFor(200 * Sim.MILLIS);
    assertThat(seen.acking(true)).as("half a hello is acknowledged").isNotEmpty();
    assertThat(asked(QuicUapi.QUIC_CRYPTO_INITIAL)).as("nobody asked for more").isEmpty();
    probe(QuicUapi.QUIC_CRYPTO_INITIAL, (byte) FrameType.PING);
    List<Packet> asked = asked(QuicUapi.QUIC_CRYPTO_INITIAL);
    assertThat(asked).hasSizeGreaterThan(2);
    assertThat(seen.acking(true)).containsAll(asked);
    assertThat(asked).allMatch(p -> p.datagram() >= Limits.MIN_INITIAL_DATAGRAM);
    long sent = seen.packets.stream().filter(Packet::fromServer).mapToLong(Packet::datagram).sum();
    assertThat(sent).isLessThanOrEqualTo(2L * Limits.AMPLIFICATION * Limits.MIN_INITIAL_DATAGRAM);
  }

  @Test
  void theFinished() {
    hearOnce();
    s.listen(TlsScript.plain(), 30 * Sim.SECONDS, 1, 5_000);
    s.connect(TlsScript.plain(), 30 * Sim.SECONDS, 1, 5_000);
    s.sim().runFor(200 * Sim.MILLIS);
    long largest =
        seen.packets.stream()
            .filter(p -> p.fromServer() && p.level() == QuicUapi.QUIC_CRYPTO_HANDSHAKE)
            .mapToLong(Packet::number)
            .max()
            .orElseThrow();
    byte all = (byte) largest;
    byte[] frames = {FrameType.ACK, all, 0, 0, all, FrameType.PING};
    int before = seen.packets.size();
    probe(QuicUapi.QUIC_CRYPTO_HANDSHAKE, frames);
    List<Packet> asked = asked(QuicUapi.QUIC_CRYPTO_HANDSHAKE);
    asked.removeAll(seen.packets.subList(0, before));
    assertThat(asked).hasSizeGreaterThan(2);
    assertThat(seen.acking(true)).containsAll(asked);
  }
}
