package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Mib;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Runs of packets whose headers are bared together, with others among them that are not alike. */
class RunFinderTest {
  private static final long SECOND = 1_000_000_000;

  /** Too short to sample, with the connection's id. */
  private static final int STUMP = 20;

  private int forged;
  private int stumps;

  @Test
  void strayPacketsAmongARunHarmNobody() {
    World w = new World(7);
    PairTest.Ends e = PairTest.connect(w);
    assertThat(w.run(w.now + 10 * SECOND, e::established)).isTrue();
    Random random = new Random(11);
    w.wire =
        (from, to, bytes) -> {
          if (from.equals(w.serverAddress()) || bytes[0] < 0 || bytes.length < 100) {
            return bytes;
          }
          switch (random.nextInt(4)) {
            case 0 -> {
              byte[] copy = bytes.clone();
              copy[copy.length - 1 - random.nextInt(60)] ^= 0x20;
              w.fly(from, to, copy);
              forged++;
            }
            case 1 -> {
              w.fly(from, to, Arrays.copyOf(bytes, STUMP));
              stumps++;
            }
            default -> {}
          }
          return bytes;
        };
    byte[] data = new byte[1 << 20];
    random.nextBytes(data);
    long before = w.server.net.counter(Mib.PKT_DEC_DROP);
    e.client.send(0, data);
    Peer server = e.needServer();
    assertThat(w.run(w.now + 60 * SECOND, () -> server.finished(0))).isTrue();
    assertThat(server.bytes(0)).isEqualTo(data);
    assertThat(forged).isGreaterThan(50);
    assertThat(stumps).isGreaterThan(50);
    assertThat(w.server.net.counter(Mib.PKT_DEC_DROP) - before)
        .isBetween((long) forged + stumps - 20, (long) forged + stumps);
  }

  /** One whose first byte alone has it refused, at the end of a run: what comes next is taken. */
  @Test
  void aRefusedPacketCostsNotTheNextOne() {
    World w = new World(7);
    PairTest.Ends e = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    w.run(SECOND, () -> false);
    w.wire =
        (from, to, bytes) -> {
          if (from.equals(w.serverAddress())) {
            return bytes;
          }
          byte[] copy = bytes.clone();
          copy[0] &= ~0x40;
          w.fly(from, to, bytes);
          w.fly(from, to, copy);
          forged++;
          return null;
        };
    long before = w.server.net.counter(Mib.PKT_DEC_DROP);
    Peer server = e.needServer();
    e.client.send(0, new byte[100]);
    w.run(SECOND, () -> forged > 0);
    w.wire = (from, to, bytes) -> bytes;
    w.run(SECOND / 10, () -> false);
    e.client.send(4, new byte[100]);
    assertThat(w.run(SECOND, () -> server.finished(4))).isTrue();
    assertThat(w.server.net.counter(Mib.PKT_DEC_DROP)).isEqualTo(before);
  }
}
