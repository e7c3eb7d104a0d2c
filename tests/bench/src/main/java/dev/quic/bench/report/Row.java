package dev.quic.bench.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all rounds of one thing brought.
 *
 * @param title says what was measured
 * @param own whether it is ours
 * @param samples of the rounds that went well
 * @param failures of the others, one line each
 * @param reference title of the row it is compared with; null for none
 */
public record Row(
    String title,
    boolean own,
    List<Sample> samples,
    List<String> failures,
    @Nullable String reference) {
  public Row {
    samples = List.copyOf(samples);
    failures = List.copyOf(failures);
  }

  /** The middle one; null when all failed. */
  public @Nullable Sample median() {
    return samples.isEmpty() ? null : Sample.median(samples);
  }
}
