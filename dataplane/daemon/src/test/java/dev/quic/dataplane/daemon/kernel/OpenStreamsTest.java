package dev.quic.dataplane.daemon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpenStreamsTest {
  private final OpenStreams open = new OpenStreams();

  @Test
  void allOfAHundredAreRemembered() {
    for (long id = 0; id < 400; id += 4) {
      assertThat(open.holds(id)).isFalse();
      open.add(id);
    }
    for (long id = 0; id < 400; id += 4) {
      assertThat(open.holds(id)).as("%d", id).isTrue();
    }
  }

  @Test
  void everyKindHasItsPlace() {
    for (long id = 0; id < 16; id++) {
      open.add(id);
    }
    for (long id = 0; id < 16; id++) {
      assertThat(open.holds(id)).as("%d", id).isTrue();
    }
  }

  @Test
  void theForgottenIsForgottenAndNobodyElse() {
    open.add(0);
    open.add(4);
    open.add(8);
    open.forget(0);
    open.forget(8);
    open.forget(8 + 4 * OpenStreams.SLOTS);
    assertThat(open.holds(0)).isFalse();
    assertThat(open.holds(4)).isTrue();
    assertThat(open.holds(8)).isFalse();
    open.add(4);
    open.forget(4);
    assertThat(open.holds(4)).isFalse();
  }

  /** Who is pushed out is not mistaken for who came. */
  @Test
  void slotsThatMeetHoldTheLast() {
    long far = (1L << 61) + 4L * OpenStreams.SLOTS;
    open.add(0);
    open.add(4);
    open.add(far + 4);
    assertThat(open.holds(4)).isFalse();
    assertThat(open.holds(far + 4)).isTrue();
    open.forget(4);
    assertThat(open.holds(far + 4)).isTrue();
  }
}
