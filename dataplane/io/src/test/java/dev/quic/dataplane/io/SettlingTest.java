package dev.quic.dataplane.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettlingTest {
  private final Settling settling = new Settling();
  private final List<String> ran = new ArrayList<>();

  @Test
  void aTurnThatFindsNothingRunsWhatEarlierTurnsLeft() {
    settling.add(() -> ran.add("first"));
    assertThat(settling.turn(false)).as("the turn it came in").isFalse();
    assertThat(settling.turn(true)).isFalse();
    settling.add(() -> ran.add("second"));
    assertThat(settling.turn(false)).isTrue();
    assertThat(ran).containsExactly("first");
    assertThat(settling.isEmpty()).isFalse();
    assertThat(settling.turn(false)).isTrue();
    assertThat(ran).containsExactly("first", "second");
    assertThat(settling.isEmpty()).isTrue();
  }

  @Test
  void packetsWithoutEndHoldNothingUpForEver() {
    settling.add(() -> ran.add("call"));
    int turns = 0;
    while (!settling.turn(true)) {
      assertThat(++turns).isLessThanOrEqualTo(IoLimits.SETTLE_TURNS);
    }
    assertThat(turns).isEqualTo(IoLimits.SETTLE_TURNS);
    assertThat(ran).containsExactly("call");
  }

  @Test
  void theEndOfTheShardRunsWhatIsLeft() {
    settling.add(() -> ran.add("call"));
    settling.all();
    assertThat(ran).containsExactly("call");
    assertThat(settling.turn(false)).isFalse();
  }
}
