package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Sim;
import dev.quic.simnet.TwoNets;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What many connections cost that each say a little now and then. */
class ActiveConnectionsTest {
  private static final int PORTS = 16;
  private static final int MESSAGE = 64;

  /** Live bytes that a connection may take beyond an idle one's, both ends together. */
  private static final long BOTH_ENDS = 6_000;

  private static final long MAX_ACK_DELAY = 25 * Sim.MILLIS;

  private final TwoNets w = new TwoNets(10 * Sim.MINUTES, PORTS);
  private final byte[] message = new byte[MESSAGE];

  private List<Sock[]> connect(int count) {
    List<Sock[]> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(w.connect(i));
    }
    w.pass(Sim.MINUTES);
    return all;
  }

  private void send(Sock[] ends, boolean first) {
    int flags = first ? QuicUapi.MSG_QUIC_STREAM_NEW : 0;
    Msg m = new Msg().stream(0, flags);
    assertThat(ends[0].sendmsg(w.now(), m, message, 0, MESSAGE)).isEqualTo(MESSAGE);
    w.turn();
    while (ends[1].recvmsg(w.now(), m.reset(), message, 0, MESSAGE) >= 0) {
      // Events, and the message.
    }
  }

  @Test
  void messagesNowAndThenCostLittleMemory() {
    int connections = 500;
    int messages = 200;
    List<Sock[]> all = connect(connections);
    long idle = Heap.live();
    for (int i = 0; i < messages; i++) {
      for (Sock[] ends : all) {
        send(ends, i == 0);
      }
      w.pass(40 * Sim.MILLIS);
    }
    w.pass(Sim.MINUTES);
    assertThat((Heap.live() - idle) / connections)
        .as("bytes of a connection, both ends")
        .isLessThan(BOTH_ENDS);
    assertThat(w.server.net.held()).isZero();
    assertThat(w.client.net.held()).isZero();
  }

  /** One turn, and one time to wake up, for those that are due within some milliseconds. */
  @Test
  void acknowledgementsLeaveTogether() {
    int connections = 200;
    long apart = Sim.MILLIS / 10;
    List<Sock[]> all = connect(connections);
    for (Sock[] ends : all) {
      send(ends, true);
    }
    w.pass(Sim.MINUTES);
    List<Long> acknowledged = new ArrayList<>();
    w.server.tap(d -> acknowledged.add(w.now()));
    long begun = w.now();
    for (Sock[] ends : all) {
      send(ends, false);
      w.pass(apart);
    }
    w.pass(Sim.MINUTES);
    assertThat(acknowledged).hasSize(connections);
    for (int i = 0; i < connections; i++) {
      long waited = acknowledged.get(i) - begun - i * apart;
      assertThat(waited).isBetween(MAX_ACK_DELAY * 3 / 4, MAX_ACK_DELAY);
    }
    assertThat(acknowledged.stream().distinct().count()).isLessThanOrEqualTo(4);
  }
}
