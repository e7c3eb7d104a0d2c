package dev.quic.dataplane.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MtuSearchTest {
  private static final long SECOND = 1_000_000_000L;
  private static final MtuRange ETHERNET = new MtuRange(1_472, 1_472);
  private static final MtuRange JUMBO = new MtuRange(1_472, 8_972);

  private final MtuSearch s = new MtuSearch();
  private final List<Integer> tried = new ArrayList<>();
  private long pn;

  /** Sends probes over a path of this MTU until none is due. */
  private void search(int path, long now) {
    int size;
    while ((size = s.probe(now)) > 0) {
      s.onProbeSent(pn, size);
      tried.add(size);
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
  @ValueSource(
      ints = {1_200, 1_201, 1_207, 1_300, 1_436, 1_472, 1_479, 1_480, 1_500, 4_322, 8_999, 9_000})
  void theSizeIsFound(int path) {
    s.start(new MtuRange(1_472, 9_000), 0, SECOND);
    search(path, 1);
    assertThat(s.mtu()).isBetween(path - Limits.MTU_GRAIN, path);
    assertThat(s.state()).isEqualTo(MtuSearch.COMPLETE);
    assertThat(tried).hasSizeLessThanOrEqualTo(3 * 14);
  }

  @Test
  void theLimitIsTriedFirst() {
    s.start(ETHERNET, 0, SECOND);
    assertThat(s.probe(0)).isEqualTo(1_472);
    search(1_472, 1);
    assertThat(tried).containsExactly(1_472);
    assertThat(s.mtu()).isEqualTo(1_472);
  }

  @Test
  void aPeerThatTakesNoMoreThanTheBaseIsNotProbed() {
    s.start(new MtuRange(1_200, 1_200), 0, SECOND);
    assertThat(s.probe(Long.MAX_VALUE - 1)).isZero();
    s.start(new MtuRange(1_000, 1_000), 0, SECOND);
    assertThat(s.mtu()).isEqualTo(1_200);
    assertThat(s.probe(0)).isZero();
  }

  @Test
  void aSizeTheSystemRefusesIsNotTriedThrice() {
    s.start(ETHERNET, 0, SECOND);
    s.onProbeSent(0, 1_472);
    s.refuse(1_472, 1);
    assertThat(s.probe(1)).isEqualTo(1_336);
  }

  @Test
  void fullSizeLossWhileSmallPacketsPassIsABlackHole() {
    s.start(ETHERNET, 0, SECOND);
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
    s.start(ETHERNET, 0, SECOND);
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
    s.start(ETHERNET, 0, SECOND);
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
    s.start(ETHERNET, 0, SECOND);
    search(1_300, 1);
    int found = s.mtu();
    assertThat(s.raiseDue(SECOND)).isFalse();
    assertThat(s.probe(SECOND)).isZero();
    assertThat(s.raiseDue(2 * SECOND)).isTrue();
    s.again(ETHERNET, 2 * SECOND);
    search(1_472, 2 * SECOND);
    assertThat(found).isLessThan(1_301);
    assertThat(s.mtu()).isEqualTo(1_472);
  }

  /** The usual size is in use after a round trip; the rest costs nothing but time. */
  @Test
  void aLargeInterfaceIsFoundByTwoProbes() {
    s.start(JUMBO, 0, SECOND);
    search(8_972, 1);
    assertThat(tried).containsExactly(1_472, 8_972);
    assertThat(s.mtu()).isEqualTo(8_972);
  }

  /** By far the most frequent: a large interface here, an Ethernet on the way. */
  @Test
  void anEthernetBehindALargeInterfaceIsNotSearchedThrough() {
    s.start(JUMBO, 0, SECOND);
    search(1_472, 1);
    assertThat(tried).containsExactly(1_472, 8_972, 8_972, 8_972, 1_480, 1_480, 1_480);
    assertThat(s.mtu()).isEqualTo(1_472);
    assertThat(s.state()).isEqualTo(MtuSearch.COMPLETE);
  }

  @Test
  void betweenTheTwoIsSearchedByHalves() {
    s.start(JUMBO, 0, SECOND);
    search(4_000, 1);
    assertThat(tried).startsWith(1_472, 8_972, 8_972, 8_972, 1_480, 5_226, 5_226, 5_226, 3_353);
    assertThat(s.mtu()).isBetween(3_992, 4_000);
  }

  @Test
  void belowTheUsualSizeTheLimitIsNotTried() {
    s.start(JUMBO, 0, SECOND);
    search(1_400, 1);
    assertThat(tried).doesNotContain(8_972);
    assertThat(s.mtu()).isBetween(1_392, 1_400);
  }

  /** An interface of 1420 bytes that the system knows of and refuses more for. */
  @Test
  void aSmallInterfaceIsFoundToTheByte() {
    s.start(new MtuRange(1_392, 1_472), 0, SECOND);
    int size;
    while ((size = s.probe(0)) > 0) {
      s.onProbeSent(pn, size);
      tried.add(size);
      if (size <= 1_392) {
        s.onProbeAcked(pn, 0);
      } else {
        s.refuse(size, 0);
      }
      pn++;
    }
    assertThat(tried).containsExactly(1_392, 1_472, 1_400);
    assertThat(s.mtu()).isEqualTo(1_392);
  }

  @Test
  void anInterfaceThatGrewIsFoundAgain() {
    s.start(ETHERNET, 0, SECOND);
    search(1_472, 1);
    assertThat(s.raiseDue(2 * SECOND)).isTrue();
    s.again(ETHERNET, 2 * SECOND);
    assertThat(s.probe(2 * SECOND)).isZero();
    assertThat(s.raiseDue(2 * SECOND)).as("asked just now").isFalse();
    s.again(JUMBO, 4 * SECOND);
    search(8_972, 4 * SECOND);
    assertThat(s.mtu()).isEqualTo(8_972);
    s.again(ETHERNET, 6 * SECOND);
    assertThat(s.mtu()).as("what passes is kept").isEqualTo(8_972);
    assertThat(s.searching()).isFalse();
  }

  @Test
  void aHoleOnALargePathStartsAtTheUsualSize() {
    s.start(JUMBO, 0, SECOND);
    search(8_972, 1);
    tried.clear();
    s.onSilence(pn, 2);
    assertThat(s.mtu()).isEqualTo(1_200);
    s.onAcked(pn, 1_200);
    search(1_472, 3);
    assertThat(tried).containsExactly(1_472, 8_972, 8_972, 8_972, 1_480, 1_480, 1_480);
    assertThat(s.mtu()).isEqualTo(1_472);
  }
}
