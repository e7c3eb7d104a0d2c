package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who goes first: streams take turns, urgent ones go before, small ones are bundled. */
class StreamScheduleTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int SOL = QuicUapi.SOL_QUIC;
  private static final int EACH = 40_000;

  private final World w = new World(7);
  private final PairTest.Ends e = PairTest.connect(w);
  private final List<Long> arrivals = new ArrayList<>();

  StreamScheduleTest() {
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    // Past the first round trips, so that nothing of the handshake is in the way.
    w.run(SECOND, () -> false);
  }

  private static byte[] priority(long id, int urgency, boolean incremental) {
    byte[] v = new byte[16];
    v[0] = (byte) id;
    v[8] = (byte) urgency;
    v[9] = (byte) (incremental ? 1 : 0);
    return v;
  }

  private int prioritize(long id, int urgency, boolean incremental) {
    byte[] v = priority(id, urgency, incremental);
    return e.client.sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_STREAM_PRIORITY, v);
  }

  private int write(long id, int bytes, boolean fin) {
    boolean fresh = opened.add(id);
    int flags = fresh ? QuicUapi.MSG_QUIC_STREAM_NEW : 0;
    Msg m = new Msg().stream(id, flags | (fin ? QuicUapi.MSG_QUIC_STREAM_FIN : 0));
    return e.client.sock.sendmsg(w.now, m, new byte[bytes], 0, bytes);
  }

  private final java.util.Set<Long> opened = new java.util.HashSet<>();

  /** Notes the order in which streams end at the server. */
  private void watch(int streams) {
    Sock s = e.needServer().sock;
    byte[] buf = new byte[65_536];
    Msg m = new Msg();
    s.watch((which, mask) -> {
      while (which.recvmsg(w.now, m.reset(), buf, 0, buf.length) >= 0) {
        if ((m.streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN) != 0) {
          arrivals.add(m.streamId);
        }
      }
    });
    assertThat(w.run(20 * SECOND, () -> arrivals.size() == streams)).isTrue();
  }

  @Test
  void urgentStreamsGoFirstAndOthersInTheirOrder() {
    for (long id = 0; id <= 16; id += 4) {
      assertThat(write(id, EACH, true)).isEqualTo(EACH);
    }
    assertThat(prioritize(0, 7, false)).isZero();
    assertThat(prioritize(4, 5, false)).isZero();
    assertThat(prioritize(8, 5, false)).isZero();
    assertThat(prioritize(12, 0, true)).isZero();
    watch(5);
    assertThat(arrivals).containsExactly(12L, 16L, 4L, 8L, 0L);
  }

  @Test
  void withoutPrioritiesTheyTakeTurns() {
    // The short one written last is not held up by the long ones before it.
    write(0, EACH, true);
    write(4, EACH, true);
    write(8, 4_000, true);
    watch(3);
    assertThat(arrivals.getFirst()).isEqualTo(8L);
  }

  @Test
  void prioritiesAreReadBackAndWrongOnesRefused() {
    write(0, 10, false);
    byte[] v = priority(0, 0, false);
    Sock s = e.client.sock;
    int name = QuicUapi.QUIC_SOCKOPT_STREAM_PRIORITY;
    assertThat(s.getsockopt(w.now, SOL, name, v, v.length)).isEqualTo(16);
    assertThat(v[8]).isEqualTo((byte) 3);
    assertThat(v[9]).isEqualTo((byte) 1);
    assertThat(prioritize(0, 8, false)).isEqualTo(-Errno.EINVAL);
    assertThat(prioritize(40, 1, false)).isEqualTo(-Errno.EINVAL);
    assertThat(s.setsockopt(w.now, SOL, name, new byte[4])).isEqualTo(-Errno.EINVAL);
    assertThat(s.getsockopt(w.now, SOL, name, new byte[4], 4)).isEqualTo(-Errno.EINVAL);
    assertThat(prioritize(0, 1, false)).isZero();
    s.getsockopt(w.now, SOL, name, v, v.length);
    assertThat(v[8]).isEqualTo((byte) 1);
    assertThat(v[9]).isZero();
  }

  @Test
  void smallWritesAreBundledWhileDataIsUnderWay() {
    w.run(SECOND, () -> false);
    long before = w.client.sentDatagrams;
    for (int i = 0; i < 50; i++) {
      write(0, 20, false);
      w.client.turn();
    }
    assertThat(w.client.sentDatagrams - before).as("the first only").isEqualTo(1);
    w.run(SECOND, () -> false);
    assertThat(e.needServer().bytes(0)).hasSize(1_000);
    assertThat(w.client.sentDatagrams - before).isLessThan(8);
  }

  @Test
  void theEndOfAStreamIsNotHeldBack() {
    w.run(SECOND, () -> false);
    write(0, 20, false);
    w.client.turn();
    long before = w.client.sentDatagrams;
    write(0, 20, true);
    w.client.turn();
    assertThat(w.client.sentDatagrams - before).isEqualTo(1);
  }
}
