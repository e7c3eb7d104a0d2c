package dev.quic.dataplane.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LateWakesTest {
  private final LateWakes late = new LateWakes();
  private final List<String> ran = new ArrayList<>();

  @Test
  void whatIsTakenIsLeftToTheTaker() {
    late.add(() -> ran.add("first"));
    late.add(() -> ran.add("second"));
    List<Runnable> taken = late.take();
    assertThat(late.take()).isEmpty();
    assertThat(ran).isEmpty();
    LateWakes.run(taken);
    assertThat(ran).containsExactly("first", "second");
  }

  @Test
  void turnsWithoutSleepHoldNobodyUpForEver() {
    late.add(() -> ran.add("wake"));
    int turns = 0;
    while (ran.isEmpty()) {
      late.awake();
      assertThat(++turns).isLessThanOrEqualTo(IoLimits.LATE_WAKE_TURNS);
    }
    assertThat(turns).isEqualTo(IoLimits.LATE_WAKE_TURNS);
    late.awake();
    assertThat(ran).containsExactly("wake");
  }
}
