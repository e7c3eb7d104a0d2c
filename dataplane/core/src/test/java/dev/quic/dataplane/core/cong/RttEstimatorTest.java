package dev.quic.dataplane.core.cong;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RttEstimatorTest {
  private static final long MAX_ACK_DELAY = 25_000;

  /** The numbers of the kernel's cong_test1, in its unit, microseconds. */
  @Test
  void numbersOfTheKernelsTest() {
    RttEstimator r = new RttEstimator(333_000, 1_000);
    r.trustInitial();
    assertThat(r.smoothed()).isEqualTo(333_000);
    assertThat(r.variance()).isEqualTo(166_500);
    assertThat(r.pto(MAX_ACK_DELAY)).isEqualTo(1_024_000);

    sample(r, 30_000, 2_500, 295_125, 191_156);
    assertThat(r.pto(MAX_ACK_DELAY)).isEqualTo(1_084_749);
    sample(r, 30_000, 2_500, 261_984, 201_363);
    sample(r, 30_000, 2_500, 232_986, 201_768);
    sample(r, 3_000, 250, 204_237, 201_635);
    sample(r, 3_000, 250, 179_082, 195_246);
    sample(r, 300, 25, 156_734, 185_543);
    sample(r, 30, 25, 137_146, 173_436);
    sample(r, 3, 2, 120_003, 160_077);
    sample(r, 0, 0, 105_002, 146_308);
    sample(r, 0, 0, 91_876, 132_700);
    sample(r, 0, 0, 80_391, 119_622);
    sample(r, 100, 0, 70_354, 107_280);
    sample(r, 100, 0, 61_572, 95_828);
    sample(r, 1_000, 0, 54_000, 85_121);
    sample(r, 0, 0, 47_250, 75_653);
    sample(r, 0, 0, 41_343, 67_075);
    sample(r, 30_000, 0, 39_925, 52_787);
    sample(r, 30_000, 0, 38_684, 41_761);
    sample(r, 3_000_000, 20_000, 406_348, 674_733);
    sample(r, 3_000_000, 20_000, 728_054, 1_069_036);
    assertThat(r.pto(MAX_ACK_DELAY)).isEqualTo(5_029_198);
  }

  /** A server had half a ClientHello for 15 s before it acknowledged it. */
  @Test
  void whatAPeerHeldBackIsForgotten() {
    RttEstimator r = new RttEstimator();
    r.onEarlySample(15_200_000_000L, 0);
    r.onEarlySample(185_000_000, 0);
    assertThat(r.smoothed()).isEqualTo(185_000_000);
    assertThat(r.min()).isEqualTo(185_000_000);
    assertThat(r.pto(0)).isEqualTo(555_000_000);
    r.onEarlySample(40_000_000, 0);
    assertThat(r.smoothed()).isEqualTo((7 * 185_000_000L + 40_000_000) / 8);
  }

  private static void sample(RttEstimator r, long rtt, long delay, long smoothed, long variance) {
    r.onSample(rtt, delay, MAX_ACK_DELAY);
    assertThat(r.smoothed()).isEqualTo(smoothed);
    assertThat(r.variance()).isEqualTo(variance);
  }

  @Test
  void firstSampleReplacesTheAssumption() {
    RttEstimator r = new RttEstimator();
    assertThat(r.hasSample()).isFalse();
    r.onSample(40_000_000, 10_000_000, 25_000_000);
    assertThat(r.smoothed()).isEqualTo(40_000_000);
    assertThat(r.variance()).isEqualTo(20_000_000);
    assertThat(r.min()).isEqualTo(40_000_000);
    assertThat(r.pto(0)).isEqualTo(120_000_000);
    assertThat(r.lossDelay()).isEqualTo(45_000_000);
    assertThat(r.persistentCongestion(25_000_000)).isEqualTo(435_000_000);
  }

  @Test
  void ackDelayIsCappedAndNeverGoesBelowTheMinimum() {
    RttEstimator r = new RttEstimator();
    r.onSample(40_000_000, 0, 25_000_000);
    r.onSample(80_000_000, 70_000_000, 25_000_000);
    assertThat(r.smoothed()).isEqualTo((7 * 40_000_000L + 55_000_000L) / 8);
    long before = r.smoothed();
    r.onSample(50_000_000, 20_000_000, 25_000_000);
    assertThat(r.smoothed()).isEqualTo((7 * before + 50_000_000L) / 8);
    r.onSample(-1, 0, 0);
    assertThat(r.latest()).isEqualTo(50_000_000);
  }

  /** RFC 9002 sections 6.1.2 and 6.2.1: no timer is set closer than a timer's grain. */
  @Test
  void timersAreNeverFinerThanTheGranularity() {
    RttEstimator r = new RttEstimator();
    for (int i = 0; i < 100; i++) {
      r.onSample(i % 2, 0, 0);
    }
    assertThat(r.smoothed()).isLessThan(10);
    assertThat(r.lossDelay()).isEqualTo(RttEstimator.GRANULARITY);
    assertThat(r.pto(0)).isGreaterThanOrEqualTo(RttEstimator.GRANULARITY);
    assertThat(RttEstimator.GRANULARITY).isEqualTo(1_000_000);
  }
}
