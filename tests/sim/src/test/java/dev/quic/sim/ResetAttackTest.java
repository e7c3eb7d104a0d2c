package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Stateless resets as a weapon: RFC 9000 sections 10.3.3 and 21.11. */
class ResetAttackTest {
  private static final long IDLE = 30 * Sim.SECONDS;

  private final Scenario s = new Scenario(Network.clean(5 * Sim.MILLIS));
  private Datagram lastToServer = new Datagram(new byte[0], Pair.CLIENT, Pair.SERVER, (byte) 0);
  private Datagram lastToClient = lastToServer;

  private Peer established() {
    s.toServer =
        d -> {
          lastToServer = d;
          return true;
        };
    s.toClient =
        d -> {
          lastToClient = d;
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.sim().runFor(Sim.SECONDS);
    return client;
  }

  /** Each answer is a short header, smaller than the question, until none is possible. */
  @Test
  void answersAreSmallerAndDoNotLoop() {
    established();
    SplittableRandom r = new SplittableRandom(1);
    for (int size = 1; size < 1_500; size += r.nextInt(1, 30)) {
      byte[] b = new byte[size];
      r.nextBytes(b);
      b[0] = (byte) (0x40 | b[0] & 0x3f);
      int length = size;
      int rounds = 0;
      // A mirror: whatever the server answers comes back to it.
      while (length > 0) {
        int before = s.datagramsToClient;
        long bytes = s.bytesToClient;
        byte[] next = rounds == 0 ? b : lastToClient.bytes.clone();
        Datagram d = new Datagram(next, Pair.CLIENT.withPort(77), lastToServer.to, (byte) 0);
        s.pair.server().accept(s.sim().now(), d);
        s.sim().runFor(Sim.MILLIS);
        boolean answered = s.datagramsToClient > before;
        int answer = answered ? (int) (s.bytesToClient - bytes) : 0;
        assertThat(s.datagramsToClient - before).isLessThan(2);
        assertThat(answer).isLessThan(length);
        if (answered) {
          assertThat(lastToClient.bytes[0] & 0xc0).isEqualTo(0x40);
        }
        length = answer;
        rounds++;
      }
      assertThat(rounds).isLessThan(64);
    }
  }

  /** Nobody gets the token of a connection that lives, whatever he sends to its ids. */
  @Test
  void noOracleForLivingConnections() {
    Peer client = established();
    byte[] id = Arrays.copyOfRange(lastToServer.bytes, 1, 9);
    assertThat(lastToServer.bytes[0]).isNotNegative();
    int before = s.datagramsToClient;
    SplittableRandom r = new SplittableRandom(2);
    for (int i = 0; i < 10_000; i++) {
      byte[] b = new byte[r.nextInt(23, 1_200)];
      r.nextBytes(b);
      b[0] = (byte) (0x40 | b[0] & 0x3f);
      System.arraycopy(id, 0, b, 1, 8);
      Datagram d =
          new Datagram(b, Pair.CLIENT.withPort(1_000 + i % 60_000), lastToServer.to, (byte) 0);
      s.pair.server().accept(s.sim().now(), d);
      if (i % 100 == 0) {
        s.sim().runFor(Sim.MILLIS);
      }
    }
    s.sim().runFor(Sim.MILLIS);
    assertThat(s.datagramsToClient).isEqualTo(before);
    assertThat(client.sock().state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHED);
    Sock server = s.server().sock();
    assertThat(server.state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHED);
  }
}
