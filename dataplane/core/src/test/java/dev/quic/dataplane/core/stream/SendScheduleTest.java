package dev.quic.dataplane.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Turns of streams of one urgency; what they look like on the wire is StreamScheduleTest's. */
class SendScheduleTest {
  private static final int MTU = 1_452;
  private static final int TURN = Limits.RUN_BYTES / MTU;

  private final ChunkPool pool = new ChunkPool();
  private final SendSchedule sending = new SendSchedule();
  private final Stream a = stream(0);
  private final Stream b = stream(4);

  SendScheduleTest() {
    sending.add(a);
    sending.add(b);
  }

  private Stream stream(long id) {
    return new Stream(id, true, 1_000, 1_000, pool, pool);
  }

  private void packets(int n) {
    for (int i = 0; i < n; i++) {
      sending.onPacket(MTU);
    }
  }

  @Test
  void aTurnEndsWithItsLastPacket() {
    packets(TURN - 1);
    assertThat(sending.head()).isSameAs(a);
    packets(1);
    assertThat(sending.head()).isSameAs(b);
    packets(TURN);
    assertThat(sending.head()).isSameAs(a);
  }

  @Test
  void aFlushEndsTheTurnOfWhoHadIt() {
    packets(2);
    sending.onFlushed();
    assertThat(sending.head()).isSameAs(b);
    sending.onFlushed();
    assertThat(sending.head()).as("nothing was sent").isSameAs(b);
    packets(TURN - 1);
    assertThat(sending.head()).as("a whole turn").isSameAs(b);
  }

  @Test
  void whoLeavesGivesTheNextAWholeTurn() {
    packets(TURN - 1);
    sending.poll();
    sending.add(a);
    packets(1);
    assertThat(sending.head()).isSameAs(b);
    packets(TURN - 1);
    assertThat(sending.head()).isSameAs(a);
  }

  @Test
  void oneThatIsNotIncrementalKeepsItsTurn() {
    sending.prioritize(a, 1, false);
    sending.prioritize(b, 1, false);
    packets(3 * TURN + 1);
    sending.onFlushed();
    assertThat(sending.head()).isSameAs(a);
  }

  /** Flushes of one size, whatever it is beside a turn, starve nobody. */
  @ParameterizedTest
  @CsvSource({
    "2, 1452",
    "45, 1452",
    "66, 1452",
    "88, 1452",
    "100, 1452",
    "45, 1432",
    "54, 1200",
    "55, 1200"
  })
  void flushesOfAnySizeAreFair(int flush, int mtu) {
    Stream c = stream(8);
    Stream d = stream(12);
    sending.add(c);
    sending.add(d);
    Map<Long, Integer> had = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      for (int k = 0; k < flush; k++) {
        Stream s = sending.head();
        assertThat(s).isNotNull();
        had.merge(s == null ? -1 : s.id(), 1, Integer::sum);
        sending.onPacket(mtu);
      }
      sending.onFlushed();
    }
    assertThat(had).hasSize(4);
    assertThat(had.values()).allSatisfy(n -> assertThat(n).isBetween(220 * flush, 280 * flush));
  }
}
