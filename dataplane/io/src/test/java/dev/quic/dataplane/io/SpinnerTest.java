package dev.quic.dataplane.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpinnerTest {
  private static final boolean SEVERAL = Runtime.getRuntime().availableProcessors() > 1;

  @Test
  void aTimeThatWasAskedForIsKeptToHoweverOftenItIsInVain() {
    Spinner spinner = new Spinner(100);
    long now = 1_000_000;
    for (int i = 0; i < 50; i++) {
      spinner.active(now);
      assertThat(spinner.again(now + 99_999)).isTrue();
      assertThat(spinner.again(now + 100_000)).isFalse();
      now += 5_000_000;
      spinner.sleeps(now);
      spinner.woken(now + 1_000);
    }
  }

  @Test
  void noneIsNone() {
    Spinner spinner = new Spinner(0);
    spinner.active(1_000);
    assertThat(spinner.again(1_000)).isFalse();
    spinner.sleeps(1_000);
    spinner.woken(1_001);
    spinner.active(2_000);
    assertThat(spinner.again(2_000)).isFalse();
  }

  @Test
  void lookingInVainGetsShorterUntilItIsNoLongerDone() {
    Spinner spinner = new Spinner(ShardConfig.ADAPTIVE);
    long now = 1_000_000;
    int looked = 0;
    spinner.active(now - 1);
    spinner.active(now);
    assertThat(spinner.again(now)).isEqualTo(SEVERAL);
    while (spinner.again(now + 1)) {
      assertThat(++looked).isLessThan(32);
      assertThat(spinner.again(now + IoLimits.SPIN_NANOS)).isFalse();
      now += 2 * IoLimits.SPIN_NANOS;
      spinner.active(now);
    }
    // A packet shortly after going to sleep makes it look again.
    spinner.sleeps(now);
    spinner.woken(now + 1);
    spinner.active(now + 2);
    assertThat(spinner.again(now + 3)).isEqualTo(SEVERAL);
  }

  @Test
  void whatComesAfterAPauseIsNotLookedFor() {
    Spinner spinner = new Spinner(ShardConfig.ADAPTIVE);
    long now = 1_000_000;
    for (int i = 0; i < 50; i++) {
      now += 2 * IoLimits.QUIET_NANOS;
      spinner.active(now);
      assertThat(spinner.again(now)).isFalse();
      spinner.sleeps(now);
      now += 10_000;
      spinner.woken(now);
      spinner.active(now);
      assertThat(spinner.again(now)).isEqualTo(SEVERAL);
      spinner.active(now + 1);
    }
  }
}
