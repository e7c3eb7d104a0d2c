package dev.quic.dataplane.core.pnspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PnSpaceTest {
  private static String ranges(PnSpace s) {
    StringBuilder b = new StringBuilder();
    for (int i = s.rangeCount() - 1; i >= 0; i--) {
      b.append('[').append(s.rangeLow(i)).append('-').append(s.rangeHigh(i)).append(']');
    }
    return b.toString();
  }

  /** The gaps of the kernel's pnspace_test1. */
  @Test
  void gapsOfTheKernelsTest() {
    PnSpace s = new PnSpace();
    for (long pn = 0; pn <= 3; pn++) {
      assertThat(s.receive(pn, pn)).isTrue();
    }
    assertThat(ranges(s)).isEqualTo("[0-3]");
    for (long pn : new long[] {4, 6, 9, 13, 18, 24}) {
      assertThat(s.receive(pn, 10)).isTrue();
    }
    assertThat(ranges(s)).isEqualTo("[0-4][6-6][9-9][13-13][18-18][24-24]");
    for (long pn : new long[] {7, 8, 5, 23, 19}) {
      assertThat(s.receive(pn, 20)).isTrue();
      assertThat(s.receive(pn, 20)).isFalse();
    }
    assertThat(ranges(s)).isEqualTo("[0-9][13-13][18-19][23-24]");
    assertThat(s.largest()).isEqualTo(24);
    assertThat(s.largestTime()).isEqualTo(10);
    assertThat(s.hasGaps()).isTrue();
  }

  @Test
  void behavesLikeASetOfNumbers() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      PnSpace s = new PnSpace();
      BitSet model = new BitSet();
      int top = 0;
      for (int i = 0; i < 3_000; i++) {
        int pn = Math.max(0, top + random.nextInt(40) - 30);
        top = Math.max(top, pn);
        boolean known = pn < s.floor() || model.get(pn);
        assertThat(s.isDuplicate(pn)).isEqualTo(known);
        assertThat(s.receive(pn, i)).isEqualTo(!known);
        model.set(pn);
        if (random.nextInt(50) == 0) {
          s.onAckAcked(top - random.nextInt(60));
        }
        assertThat(s.rangeCount()).isBetween(1, Limits.ACK_RANGES);
      }
      assertRangesMatch(s, model);
    }
  }

  private static void assertRangesMatch(PnSpace s, BitSet model) {
    assertThat(s.rangeHigh(0)).isEqualTo(s.largest()).isEqualTo(model.length() - 1);
    long above = Long.MAX_VALUE;
    for (int i = 0; i < s.rangeCount(); i++) {
      long low = s.rangeLow(i);
      long high = s.rangeHigh(i);
      assertThat(high).isGreaterThanOrEqualTo(low).isLessThan(above - 1);
      assertThat(model.nextClearBit((int) low)).isEqualTo((int) high + 1);
      above = low;
    }
    // All that is not below the floor is in some range.
    int count = model.get((int) s.floor(), model.length()).cardinality();
    int inRanges = 0;
    for (int i = 0; i < s.rangeCount(); i++) {
      inRanges += (int) (s.rangeHigh(i) - Math.max(s.rangeLow(i), s.floor()) + 1);
    }
    assertThat(inRanges).isEqualTo(count);
  }

  @Test
  void rangesAreBoundedAndForgottenNumbersCountAsReceived() {
    PnSpace s = new PnSpace();
    for (long pn = 0; pn < 1_000; pn++) {
      s.receive(2 * pn, pn);
    }
    assertThat(s.rangeCount()).isEqualTo(Limits.ACK_RANGES);
    assertThat(s.isDuplicate(1)).isTrue();
    assertThat(s.receive(1, 0)).isFalse();
    assertThat(s.isDuplicate(1_997)).isFalse();
    // In the middle of a full table the oldest range goes.
    assertThat(s.receive(3_000, 0)).isTrue();
    assertThat(s.receive(2_500, 0)).isTrue();
    assertThat(s.rangeCount()).isEqualTo(Limits.ACK_RANGES);
    assertThat(s.rangeLow(1)).isEqualTo(2_500);
  }

  @Test
  void acknowledgedAcksPrune() {
    PnSpace s = new PnSpace();
    for (long pn : new long[] {0, 1, 2, 5, 6, 9}) {
      s.receive(pn, 0);
    }
    s.onAckAcked(5);
    assertThat(ranges(s)).isEqualTo("[6-6][9-9]");
    assertThat(s.isDuplicate(4)).isTrue();
    assertThat(s.isDuplicate(7)).isFalse();
    s.onAckAcked(9);
    assertThat(ranges(s)).isEqualTo("[9-9]");
    s.onAckAcked(3);
    assertThat(ranges(s)).isEqualTo("[9-9]");
  }

  @Test
  void numbersAndMarksAreCounted() {
    PnSpace s = new PnSpace();
    assertThat(s.takeNext()).isZero();
    assertThat(s.takeNext(3)).isEqualTo(1);
    s.skip();
    assertThat(s.next()).isEqualTo(5);
    s.onAcked(3);
    s.onAcked(2);
    assertThat(s.largestAcked()).isEqualTo(3);
    assertThat(s.hasEcn()).isFalse();
    s.countEcn(PnSpace.ECN_NOT_ECT);
    assertThat(s.hasEcn()).isFalse();
    s.countEcn(PnSpace.ECN_CE);
    s.countEcn(PnSpace.ECN_ECT0);
    s.countEcn(PnSpace.ECN_ECT0);
    assertThat(new long[] {s.ect0(), s.ect1(), s.ce()}).containsExactly(2, 0, 1);
  }
}
