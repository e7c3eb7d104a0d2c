package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Receive windows follow a fast reader; memory is counted and given back. */
class WindowGrowthTest {
  private static final long SECOND = 1_000_000_000L;

  private static long memory(World w, Peer p, int field) {
    byte[] v = new byte[32];
    int n = p.sock.getsockopt(w.now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_MEMORY, v, 32);
    assertThat(n).isEqualTo(32);
    return ByteBuffer.wrap(v).order(ByteOrder.LITTLE_ENDIAN).getLong(8 * field);
  }

  @Test
  void aLongFatPathIsNotHeldBackByTheFirstWindow() {
    // 32 MiB over 400 ms of round trip: with 1 MiB a round trip it would last 13 s.
    World w = new World(3);
    w.delay = 200 * World.MS;
    PairTest.Ends e = PairTest.connect(w);
    assertThat(w.run(30 * SECOND, e::established)).isTrue();
    long start = w.now;
    byte[] data = new byte[32 << 20];
    e.client.send(0, data);
    assertThat(w.run(60 * SECOND, () -> e.needServer().finished(0))).isTrue();
    double seconds = (w.now - start) / 1e9;
    assertThat(seconds).isLessThan(9);
    assertThat(e.needServer().bytes(0)).hasSize(data.length);
  }

  @Test
  void memoryIsCountedAndGivenBack() {
    World w = new World(4);
    PairTest.Ends e = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    e.client.send(0, new byte[3 << 20]);
    long most = 0;
    long window = 0;
    long end = w.now + 60 * SECOND;
    while (!e.needServer().finished(0) && w.step(end)) {
      most = Math.max(most, memory(w, e.client, 0));
      window = Math.max(window, memory(w, e.needServer(), 1));
    }
    assertThat(most).isGreaterThan(Limits.SEND_BUFFER_BYTES / 2);
    assertThat(window).isLessThan(4L << 20);
    w.run(SECOND, () -> false);
    assertThat(memory(w, e.client, 0)).as("acknowledged").isLessThan(10_000);
    assertThat(memory(w, e.needServer(), 1)).as("read").isLessThan(10_000);
    assertThat(memory(w, e.needServer(), 3)).isZero();
    e.client.sock.close(w.now);
    e.needServer().sock.close(w.now);
    w.run(60 * SECOND, () -> false);
    assertThat(memory(w, e.client, 2)).as("all of the net").isZero();
  }
}
