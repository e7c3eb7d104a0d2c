package dev.quic.dataplane.core.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerTableTest {
  @Test
  void nextIsTheMinimum() {
    Random random = new Random(1);
    TimerTable t = new TimerTable();
    long[] model = new long[TimerTable.KINDS];
    Arrays.fill(model, TimerTable.NEVER);
    for (int i = 0; i < 50_000; i++) {
      int kind = random.nextInt(TimerTable.KINDS);
      long at = random.nextInt(4) == 0 ? TimerTable.NEVER : random.nextInt(1_000) - 500;
      t.set(kind, at);
      model[kind] = at;
      long min = Arrays.stream(model).min().orElseThrow();
      assertThat(t.next()).isEqualTo(min);
      assertThat(t.isSet(kind)).isEqualTo(at != TimerTable.NEVER);
    }
  }

  @Test
  void dueTimersComeInOrder() {
    TimerTable t = new TimerTable();
    t.set(TimerTable.IDLE, 30);
    t.set(TimerTable.PACE, 10);
    t.set(TimerTable.LOSS, 20);
    assertThat(t.pollDue(9)).isEqualTo(-1);
    assertThat(t.pollDue(25)).isEqualTo(TimerTable.PACE);
    assertThat(t.pollDue(25)).isEqualTo(TimerTable.LOSS);
    assertThat(t.pollDue(25)).isEqualTo(-1);
    assertThat(t.next()).isEqualTo(30);
    t.cancelAll();
    assertThat(t.pollDue(Long.MAX_VALUE - 1)).isEqualTo(-1);
  }
}
