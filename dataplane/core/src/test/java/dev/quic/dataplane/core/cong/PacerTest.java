package dev.quic.dataplane.core.cong;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacerTest {
  private static final int MSS = 1_400;
  private static final long MS = 1_000_000;

  /** Sends as the pacer allows for a virtual second. */
  private static long drive(Pacer p, long from, long until, long[] largestBurst) {
    long sent = 0;
    long now = from;
    while (now < until) {
      long budget = p.budget(now);
      long burst = budget / MSS * MSS;
      if (burst > 0) {
        p.onSent(now, burst, MSS);
        sent += burst;
        largestBurst[0] = Math.max(largestBurst[0], burst);
      }
      now = Math.max(now + 1, p.nextRelease());
    }
    return sent;
  }

  @Test
  void rateIsKeptInBurstsOfAMillisecond() {
    NewReno cc = new NewReno(MSS);
    RttEstimator rtt = new RttEstimator();
    rtt.onSample(10 * MS, 0, 0);
    cc.onAcked(1, 0, 126_000, false, rtt);
    Pacer p = new Pacer(MSS);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    long rate = cc.pacingRate(rtt);
    assertThat(rate).isEqualTo(2 * 140_000 * 100);
    long[] burst = {0};
    long sent = drive(p, 0, 1_000 * MS, burst);
    assertThat((double) sent / rate).isBetween(0.97, 1.01);
    assertThat(burst[0]).isBetween(rate / 1_000 - MSS, rate / 1_000);
  }

  @Test
  void burstsStayBetweenTwoPacketsAndABatch() {
    NewReno cc = new NewReno(MSS);
    RttEstimator rtt = new RttEstimator();
    rtt.onSample(MS / 20, 0, 0);
    Pacer p = new Pacer(MSS);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    int batch = Limits.RUN_BYTES / MSS * MSS;
    assertThat(p.budget(0)).isEqualTo(batch);
    p.update(cc, rtt, MSS, 1_000);
    p.onSent(0, batch, MSS);
    assertThat(p.budget(0)).isZero();
    assertThat(p.budget(p.nextRelease())).isLessThanOrEqualTo(2 * MSS);
  }

  /** Where a batch takes no time to speak of, several go at once. */
  @Test
  void fastPathsTakeSeveralBatches() {
    NewReno cc = new NewReno(MSS);
    RttEstimator rtt = new RttEstimator();
    rtt.onSample(MS / 20, 0, 0);
    cc.onAcked(1, 0, 126_000, false, rtt);
    Pacer p = new Pacer(MSS);
    int batch = Limits.RUN_BYTES / MSS * MSS;
    for (int batches = 1; batches <= 6; batches++) {
      p.update(cc, rtt, MSS, 20_000L * batches * batch);
      assertThat(p.budget(batches * MS)).isEqualTo((long) Math.min(batches, 4) * batch);
      p.onSent(batches * MS, p.budget(batches * MS), MSS);
    }
  }

  /** A hundred connections share a short path: each is slow, none should send two by two. */
  @ParameterizedTest
  @CsvSource({"50, 46", "499, 46", "600, 23", "1100, 11", "4900, 4", "40000, 4"})
  void shortPathsTakeLargeBursts(long shortestMicros, int packets) {
    RttEstimator rtt = new RttEstimator();
    rtt.onSample(shortestMicros * 1_000, 0, 0);
    for (int i = 0; i < 100; i++) {
      rtt.onSample(50 * MS, 0, 0);
    }
    NewReno cc = new NewReno(MSS);
    cc.onAcked(1, 0, 126_000, false, rtt);
    Pacer p = new Pacer(MSS);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    assertThat(p.budget(0) / MSS).isEqualTo(packets);
  }

  /** A window of ten packets: five at a time, also where the rate is twice that of the window. */
  @Test
  void shortPathsTakeNoMoreThanHalfAWindow() {
    RttEstimator rtt = new RttEstimator();
    rtt.onSample(MS / 10, 0, 0);
    for (int i = 0; i < 100; i++) {
      rtt.onSample(50 * MS, 0, 0);
    }
    Pacer p = new Pacer(MSS);
    p.update(new NewReno(MSS), rtt, MSS, Long.MAX_VALUE);
    assertThat(p.budget(0) / MSS).isEqualTo(5);
  }

  @Test
  void initialWindowBoundsTheFirstBurst() {
    NewReno cc = new NewReno(MSS);
    RttEstimator rtt = new RttEstimator();
    Pacer p = new Pacer(MSS);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    assertThat(p.budget(0)).isEqualTo(cc.initialWindow());
  }

  @Test
  void spentBurstBlocksUntilAWholeOneIsDue() {
    NewReno cc = new NewReno(MSS);
    RttEstimator rtt = new RttEstimator();
    rtt.onSample(10 * MS, 0, 0);
    Pacer p = new Pacer(MSS);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    long burst = p.budget(0);
    p.onSent(0, burst, MSS);
    long release = p.nextRelease();
    assertThat(release).isBetween(MS - MS / 100, MS + MS / 100);
    assertThat(p.budget(release - 1)).isZero();
    assertThat(p.budget(release)).isBetween(burst - 1, burst);
  }

  /** A window of two packets over half a minute: the timer is asked for once, not all the time. */
  @Test
  void slowRatesWaitInOnePiece() {
    NewReno cc = new NewReno(MSS);
    RttEstimator rtt = new RttEstimator();
    rtt.onSample(30_000 * MS, 0, 0);
    cc.onPersistentCongestion(1);
    Pacer p = new Pacer(MSS);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    p.onSent(0, p.budget(0), MSS);
    long release = p.nextRelease();
    assertThat(release).isBetween(10_000 * MS, 30_000 * MS);
    assertThat(p.budget(release - MS)).isZero();
    assertThat(p.budget(release)).isGreaterThanOrEqualTo(2 * MSS);
  }

  /** Pacing never delays a lone request: an idle connection has a burst to spend. */
  @Test
  void loneRequestGoesAtOnce() {
    NewReno cc = new NewReno(MSS);
    RttEstimator rtt = new RttEstimator();
    rtt.onSample(100 * MS, 0, 0);
    Pacer p = new Pacer(MSS);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    for (long now = 0; now < 10_000 * MS; now += 50 * MS) {
      assertThat(p.budget(now)).isGreaterThanOrEqualTo(MSS);
      p.onSent(now, MSS, MSS);
    }
  }

  /** Larger datagrams than were reckoned with: still a time to wait for, in the future. */
  @Test
  void leftOverThatMakesNoPacketWaits() {
    NewReno cc = new NewReno(MSS);
    RttEstimator rtt = new RttEstimator();
    rtt.onSample(100 * MS, 0, 0);
    Pacer p = new Pacer(1_200);
    p.update(cc, rtt, 1_200, Long.MAX_VALUE);
    assertThat(p.budget(0)).isEqualTo(2_400);
    p.onSent(0, 1_200, 1_200);
    assertThat(p.budget(0)).isEqualTo(1_200);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    assertThat(p.budget(1)).isZero();
    assertThat(p.nextRelease()).isGreaterThan(1);
  }

  @Test
  void firstSampleEndsTheSlowWait() {
    NewReno cc = new NewReno(MSS);
    RttEstimator rtt = new RttEstimator();
    Pacer p = new Pacer(MSS);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    p.onSent(0, p.budget(0), MSS);
    assertThat(p.nextRelease()).isGreaterThan(100 * MS);
    rtt.onSample(MS, 0, 0);
    p.update(cc, rtt, MSS, Long.MAX_VALUE);
    assertThat(p.nextRelease()).isLessThan(2 * MS);
  }
}
