package dev.quic.bench.report;

import java.util.Comparator;
import java.util.List;

/**
 * One run of one thing.
 *
 * @param value what was measured, in its chapter's unit
 * @param clientCpu CPU seconds a GiB, or milliseconds a handshake; negative when unknown
 * @param serverCpu the same of the other side
 * @param datagram bytes of UDP payload that were used; 0 when unknown
 */
public record Sample(double value, double clientCpu, double serverCpu, long datagram) {
  /** CPU that nobody told. */
  public static final double UNKNOWN = -1;

  /**
   * The sample in the middle by its value, of an even number the lower one: a run that happened,
   * not a mixture of two.
   *
   * @throws IllegalArgumentException for none
   */
  public static Sample median(List<Sample> samples) {
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("no samples");
    }
    List<Sample> sorted =
        samples.stream().sorted(Comparator.comparingDouble(Sample::value)).toList();
    return sorted.get((sorted.size() - 1) / 2);
  }
}
