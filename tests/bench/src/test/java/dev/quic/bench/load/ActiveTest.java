package dev.quic.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.bench.load.RateSearch.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class ActiveTest {
  @Test
  void percentilesAreAtMostASixteenthTooMuch() {
    Buckets b = new Buckets();
    assertThat(b.percentile(99)).isZero();
    for (long n = 1; n <= 100_000; n++) {
      b.add(n);
    }
    assertThat(b.total()).isEqualTo(100_000);
    assertThat(b.percentile(50)).isBetween(50_000L, 53_200L);
    assertThat(b.percentile(99)).isBetween(99_000L, 105_300L);
    b.add(Long.MAX_VALUE);
    assertThat(b.percentile(100)).isEqualTo(Long.MAX_VALUE);
    b.reset();
    b.add(-5);
    assertThat(b.percentile(100)).isZero();
  }

  @Test
  void theHighestGoodRateIsFound() throws Exception {
    List<Double> tried = new ArrayList<>();
    Outcome best =
        new RateSearch(5, 4)
            .run(
                100,
                rate -> {
                  tried.add(rate);
                  return new Outcome(rate, 1_000, rate > 1_000 ? 9 : 5, 1, 2);
                });
    assertThat(tried)
        .startsWith(100.0, 100.0, 200.0, 400.0, 800.0, 1_600.0, 1_600.0, 1_200.0, 1_200.0, 1_000.0);
    assertThat(best.rate()).isEqualTo(1_000);
  }

  @Test
  void aBeginningThatIsTooMuchIsHalved() throws Exception {
    List<Double> tried = new ArrayList<>();
    Outcome best =
        new RateSearch(5, 1)
            .run(
                1_600,
                rate -> {
                  tried.add(rate);
                  return new Outcome(rate, 1_000, rate > 700 ? 9 : 5, 1, 2);
                });
    assertThat(tried.subList(0, 10)).containsOnly(1_600.0);
    assertThat(tried.subList(10, tried.size()))
        .containsExactly(800.0, 800.0, 400.0, 600.0, 800.0, 800.0);
    assertThat(best.rate()).isEqualTo(600);
  }

  @Test
  void aColdBeginningIsNotWhereItEnds() throws Exception {
    int[] trials = new int[1];
    Outcome best =
        new RateSearch(5, 2)
            .run(
                800,
                rate -> new Outcome(rate, 1_000, trials[0]++ < 11 || rate > 1_700 ? 9 : 5, 1, 2));
    assertThat(best.rate()).isEqualTo(1_600);
  }

  @Test
  void oneDisturbanceIsForgiven() throws Exception {
    int[] trials = new int[1];
    Outcome best =
        new RateSearch(5, 0)
            .run(
                100, rate -> new Outcome(rate, 1_000, trials[0]++ < 2 || rate > 300 ? 9 : 5, 1, 2));
    assertThat(best.rate()).isEqualTo(200);
  }

  @Test
  void lossAndASlowSenderEndTheSearch() throws Exception {
    assertThat(new RateSearch(5, 0).run(100, r -> new Outcome(r, 989, 1, 1, 1)).rate()).isZero();
    assertThat(
            new RateSearch(5, 4)
                .run(100, r -> new Outcome(Math.min(r, 250), 1_000, 1, 1, 1))
                .rate())
        .isEqualTo(250);
  }

  @Test
  void bareUdpArrivesAndServesAllPorts() throws Exception {
    try (BareActive bare = new BareActive(10, 64, 0.5)) {
      Outcome o = bare.at(200);
      assertThat(o.rate()).isPositive();
      assertThat(o.most()).isPositive();
      assertThat(o.line()).startsWith("rate=").contains(" p99_ns=");
    }
  }
}
