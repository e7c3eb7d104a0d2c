package dev.quic.dataplane.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import org.junit.jupiter.api.Test;

/** Turns of streams of one urgency; what they look like on the wire is StreamScheduleTest's. */
class SendScheduleTest {
  private static final int TURN = Limits.STREAM_TURN_PACKETS;

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
      sending.onPacket();
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
    sending.endTurn();
    assertThat(sending.head()).isSameAs(b);
    sending.endTurn();
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
    sending.endTurn();
    assertThat(sending.head()).isSameAs(a);
  }
}
