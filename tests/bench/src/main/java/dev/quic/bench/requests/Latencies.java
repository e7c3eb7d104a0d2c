package dev.quic.bench.requests;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** The latencies of one row, all rounds together. One thread at a time. */
final class Latencies {
  private static final long MOST_NANOS = 60_000_000_000L;
  private static final int DIGITS = 3;

  private final String title;
  private final Histogram all = new Histogram(MOST_NANOS, DIGITS);

  Latencies(String title) {
    this.title = title;
  }

  void add(long nanos) {
    all.recordValue(Math.min(nanos, MOST_NANOS));
  }

  String title() {
    return title;
  }

  /**
   * @return microseconds that so many percent do not exceed
   */
  double micros(double percent) {
    return all.getValueAtPercentile(percent) / 1e3;
  }

  /**
   * A row of the table.
   *
   * @param bare what its median is held against
   */
  String markdown(Latencies bare) {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.1f | %.1f | %.1f | %.2f |%n",
        title,
        all.getTotalCount(),
        micros(50),
        micros(99),
        micros(99.9),
        ratio(bare));
  }

  double ratio(Latencies bare) {
    return micros(50) / Math.max(0.001, bare.micros(50));
  }

  String json(Latencies bare) {
    return String.format(
        Locale.ROOT,
        "{\"row\":\"%s\",\"count\":%d,\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"ratio\":%.2f}",
        title,
        all.getTotalCount(),
        micros(50),
        micros(99),
        micros(99.9),
        ratio(bare));
  }
}
