package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A ClientHello in several Initials of which some are lost, and the server's first answers, too:
 * RFC 9000 section 13.2.1, RFC 9002 section 6.2.2.1. With one listener there is a connection from
 * the first Initial on; with two nobody knows whose it is before the hello is whole.
 */
class HalfHelloTest {
  private static final SockAddr AT = Pair.SERVER.withPort(Pair.PORT);

  /** Datagrams of each side that may be lost. */
  private static final int FIRST = 3;

  /** Ten round trips: what is acknowledged shows what is lost. */
  private static final long ANSWERED = 400 * Sim.MILLIS;

  private static final long SILENT = 5 * Sim.SECONDS;

  static Stream<Arguments> losses() {
    List<Arguments> all = new ArrayList<>();
    for (int listeners : new int[] {1, 2}) {
      for (int padding : new int[] {1_500, 2_500}) {
        for (int hello = 0; hello < 1 << FIRST; hello++) {
          for (int answer = 0; answer < 1 << FIRST; answer++) {
            all.add(Arguments.of(listeners, padding, hello, answer));
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("losses")
  void completes(int listeners, int padding, int hello, int answer) {
    Listeners in = new Listeners(new Scenario(Network.clean(20 * Sim.MILLIS)));
    int[] sent = new int[2];
    in.scenario().toServer = d -> passes(hello, sent[0]++);
    in.scenario().toClient = d -> passes(answer, sent[1]++);
    in.listen(AT, "a");
    if (listeners == 2) {
      in.listen(AT, "b");
    }
    Peer client = in.connect("a", "", padding);
    in.run(() -> client.done() || client.over());
    assertThat(client.done()).as("%s", client).isTrue();
    // Without an answer the client probes after one second, then after two more.
    long most = answer == 0 && !allLost(padding, hello) ? ANSWERED : SILENT;
    assertThat(client.handshakeAt() - Sim.START).isLessThan(most);
  }

  private static boolean allLost(int padding, int hello) {
    int all = (1 << padding / 1_000 + 1) - 1;
    return (hello & all) == all;
  }

  private static boolean passes(int lost, int number) {
    return number >= FIRST || (lost >> number & 1) == 0;
  }
}
