package dev.quic.dataplane.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MtuSearchTest {
  private static final long SECOND = 1_000_000_000L;

  private final MtuSearch s = new MtuSearch();
  private long pn;
  private int probes;

  /** Sends probes over a path of this MTU until none is due. */
  private void search(int path, long now) {
    int size;
    while ((size = s.probe(now)) > 0) {
      s.onProbeSent(pn, size);
      probes++;
      assertThat(s.probe(now)).as("one at a time").isZero();
      if (size <= path) {
        s.onProbeAcked(pn, now);
      } else {
        s.onProbeLost(pn, now);
      }
      pn++;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1_200, 1_201, 1_207, 1_300, 1_436, 1_500, 8_999, 9_000})
  void theSizeIsFound(int path) {
    s.start(9_000, 0, SECOND);
    search(path, 1);
    assertThat(s.mtu()).isBetween(path - Limits.MTU_GRAIN, path);
    assertThat(s.state()).isEqualTo(MtuSearch.COMPLETE);
    assertThat(probes).isLessThanOrEqualTo(3 * 11);
  }

  @Test
  void theLimitIsTriedFirst() {
    s.start(1_472, 0, SECOND);
    assertThat(s.probe(0)).isEqualTo(1_472);
    search(1_472, 1);
    assertThat(probes).isEqualTo(1);
    assertThat(s.mtu()).isEqualTo(1_472);
  }

  @Test
  void aPeerThatTakesNoMoreThanTheBaseIsNotProbed() {
    s.start(1_200, 0, SECOND);
    assertThat(s.probe(Long.MAX_VALUE - 1)).isZero();
    s.start(1_000, 0, SECOND);
    assertThat(s.mtu()).isEqualTo(1_200);
    assertThat(s.probe(0)).isZero();
  }

  @Test
  void aSizeTheSystemRefusesIsNotTriedThrice() {
    s.start(1_472, 0, SECOND);
    s.onProbeSent(0, 1_472);
    s.refuse(1_472, 1);
    assertThat(s.probe(1)).isEqualTo(1_336);
  }

  @Test
  void fullSizeLossWhileSmallPacketsPassIsABlackHole() {
    s.start(1_472, 0, SECOND);
    search(1_472, 1);
    s.onAcked(10, 1_472);
    for (int i = 11; i < 11 + Limits.MTU_HOLE_LOSSES; i++) {
      assertThat(s.onLost(i, 1_472, 30, 2)).as("nothing smaller arrived yet").isFalse();
    }
    s.onAcked(20, 60);
    assertThat(s.onLost(18, 1_472, 30, 2)).isTrue();
    assertThat(s.mtu()).isEqualTo(1_200);
    assertThat(s.probe(2)).as("the base first").isZero();
    s.onAcked(29, 1_200);
    assertThat(s.probe(2)).as("sent before").isZero();
    s.onAcked(30, 1_200);
    assertThat(s.probe(2)).isEqualTo(1_472);
  }

  @Test
  void ordinaryLossIsNone() {
    s.start(1_472, 0, SECOND);
    search(1_472, 1);
    for (int i = 10; i < 1_000; i += 10) {
      s.onAcked(i + 5, 60);
      s.onAcked(i + 9, 1_472);
      for (int lost = i; lost < i + 5; lost++) {
        assertThat(s.onLost(lost, 1_472, i + 10, 2)).isFalse();
      }
    }
    assertThat(s.mtu()).isEqualTo(1_472);
  }

  @Test
  void holesInARowWaitLongerAndLonger() {
    s.start(1_472, 0, SECOND);
    long now = 1;
    long waited = -1;
    for (int i = 0; i < 5; i++) {
      search(1_472, now);
      s.onSilence(pn, now);
      s.onAcked(pn, 1_200);
      long due = now;
      while (s.probe(due) == 0) {
        due += SECOND;
      }
      assertThat(due - now).isGreaterThan(waited);
      waited = due - now;
      now = due;
    }
    assertThat(waited).isEqualTo(40 * SECOND);
    // A quiet while, and the next one is the first again.
    search(1_472, now);
    now += 2 * Limits.MTU_HOLE_MEMORY_NANOS;
    s.onSilence(pn, now);
    s.onAcked(pn, 1_200);
    assertThat(s.probe(now)).isPositive();
  }

  @Test
  void whatIsBelowTheLimitIsTriedAgainLater() {
    s.start(1_472, 0, SECOND);
    search(1_300, 1);
    int found = s.mtu();
    assertThat(s.probe(SECOND)).isZero();
    search(1_472, 2 * SECOND);
    assertThat(found).isLessThan(1_301);
    assertThat(s.mtu()).isEqualTo(1_472);
  }
}
