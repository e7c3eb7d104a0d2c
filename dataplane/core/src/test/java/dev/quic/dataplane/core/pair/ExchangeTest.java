package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No exchange waits for a timer: each takes a few round trips, whatever limits it passes. */
class ExchangeTest {
  /** As over loopback, ns: every timer of the peer's is hundreds of round trips. */
  private static final long SHORT = 100_000;

  private static final long SECOND = 1_000_000_000L;

  /** Of a datagram, bytes. */
  private static final int SIZE = 1_000;

  private static void within(double rounds, long rtt, int count, Consumer<Exchange> how) {
    Exchange e = new Exchange(rtt);
    how.accept(e);
    assertThat((double) e.run(count) / rtt).as("round trips").isLessThanOrEqualTo(rounds);
  }

  @Test
  void aRequestAndItsAnswerTakeOneRoundTrip() {
    // Three times through the first windows of stream and connection.
    within(1, SHORT, 3_100, e -> {});
    within(1, SHORT, 300, e -> e.apart = true);
    within(1, SHORT, 1_100, e -> e.streams = 5);
    within(
        1,
        SHORT,
        300,
        e -> {
          e.request = 1;
          e.answer = 1;
        });
  }

  @Test
  void aStreamForEachTakesOneRoundTrip() {
    within(1, SHORT, 1_000, e -> e.streams = 0);
  }

  @Test
  void whatIsWrittenInTwoPiecesDoesNotWaitForADelayedAcknowledgement() {
    // The second piece does not fill a packet and the first is under way. The peer, which waits for
    // both before it says anything, acknowledges one packet late.
    for (boolean echoes : new boolean[] {false, true}) {
      within(
          3,
          SHORT,
          300,
          e -> {
            e.piece = 943;
            e.apart = true;
            e.echoes = echoes;
          });
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {SHORT, 10_000_000, 50_000_000})
  void theEndOfALongMessageWaitsForARoundTripAtMost(long rtt) {
    for (boolean apart : new boolean[] {false, true}) {
      within(
          4,
          rtt,
          150,
          e -> {
            e.request = 20_480;
            e.apart = apart;
          });
      within(
          4,
          rtt,
          150,
          e -> {
            e.request = 20_000;
            e.answer = 1;
            e.apart = apart;
          });
      within(
          6,
          rtt,
          40,
          e -> {
            e.answer = 100_000;
            e.apart = apart;
          });
    }
  }

  @Test
  void datagramsAreAnsweredInOneRoundTrip() {
    World w = new World(12);
    w.delay = SHORT / 2;
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    Sock client = w.client.net.socket(QuicUapi.AF_INET);
    byte[] params =
        ByteBuffer.allocate(56).order(ByteOrder.LITTLE_ENDIAN).putShort(8, (short) 1_400).array();
    for (Sock s : new Sock[] {listener, client}) {
      assertThat(
              s.setsockopt(w.now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, params))
          .isZero();
    }
    listener.bind(w.now, w.serverAddress());
    listener.listen(w.now, 1);
    client.connect(w.now, w.serverAddress());
    Peer near = new Peer(w, client, false);
    PairTest.Ends e = new PairTest.Ends(w, listener, near);
    near.tls.start(w.now);
    assertThat(w.run(SECOND, e::established)).isTrue();
    // Past the search for the path's MTU, during which datagrams are refused.
    w.run(SECOND, () -> false);
    Sock server = e.needServer().sock;
    server.watch((s, mask) -> bounce(w, s));
    boolean[] back = new boolean[1];
    client.watch((s, mask) -> back[0] |= received(w, s));
    for (int i = 0; i < 1_000; i++) {
      back[0] = false;
      assertThat(datagram(w, client)).isEqualTo(SIZE);
      assertThat(w.run(SHORT, () -> back[0])).as("answer %s", i).isTrue();
    }
  }

  private static int datagram(World w, Sock s) {
    Msg m = new Msg();
    m.flags = QuicUapi.MSG_QUIC_DATAGRAM;
    return s.sendmsg(w.now, m, new byte[SIZE], 0, SIZE);
  }

  private static boolean received(World w, Sock s) {
    return s.recvmsg(w.now, new Msg(), new byte[4_096], 0, 4_096) == SIZE;
  }

  private static void bounce(World w, Sock s) {
    while (received(w, s)) {
      assertThat(datagram(w, s)).isEqualTo(SIZE);
    }
  }
}
