package dev.quic.bench.load;

import java.util.Locale;

/** Looks for the highest rate of messages at which the latency is still good. */
public final class RateSearch {
  /** One look at one rate. */
  @FunctionalInterface
  public interface Trial {
    /**
     * @param rate messages a second to send
     * @throws Exception it cannot be tried
     */
    Outcome at(double rate) throws Exception;
  }

  /**
   * What came of it.
   *
   * @param rate messages a second that were sent
   * @param received of a thousand sent
   * @param p99Nanos from sending to receiving
   * @param least messages the connection, or port, served least got
   * @param most the one served most
   */
  public record Outcome(double rate, double received, long p99Nanos, long least, long most) {
    /** Nothing tried yet. */
    static final Outcome NONE = new Outcome(0, 0, Long.MAX_VALUE, 0, 0);

    /** As a benchmark's line. */
    public String line() {
      return String.format(
          Locale.ROOT,
          "rate=%d received=%d p99_ns=%d least=%d most=%d",
          Math.round(rate),
          Math.round(received),
          p99Nanos,
          least,
          most);
    }
  }

  private static final double LEAST_RATE = 100;

  /** Of a thousand messages, so many must have arrived when the trial ends. */
  private static final double ENOUGH = 990;

  /** Sending slower than asked by more than this means that the sender is the limit. */
  private static final double SHORTFALL = 0.9;

  private final long goodNanos;
  private final int refinements;

  /**
   * @param goodNanos a latency at the 99th percentile that is still good
   * @param refinements halvings of the last interval
   */
  public RateSearch(long goodNanos, int refinements) {
    this.goodNanos = goodNanos;
    this.refinements = refinements;
  }

  /**
   * Tries the first rate once to warm up, then goes down by halves until it is good, or doubles
   * until it is not; then halves the interval. What is too much is tried once more, since whatever
   * else the machine does may be why.
   *
   * @param start messages a second to begin with
   * @return the best that was good; a rate of 0 when none was
   */
  public Outcome run(double start, Trial trial) throws Exception {
    trial.at(start);
    double low = start;
    double high = 0;
    Outcome best = twice(low, trial);
    while (!good(best)) {
      high = low;
      low /= 2;
      if (low < LEAST_RATE) {
        return Outcome.NONE;
      }
      best = twice(low, trial);
    }
    while (high == 0) {
      if (best.rate() < SHORTFALL * low) {
        return best;
      }
      Outcome o = twice(2 * low, trial);
      if (good(o)) {
        low *= 2;
        best = o;
      } else {
        high = 2 * low;
      }
    }
    for (int i = 0; i < refinements; i++) {
      double middle = (low + high) / 2;
      Outcome o = twice(middle, trial);
      if (good(o)) {
        low = middle;
        best = o.rate() > best.rate() ? o : best;
      } else {
        high = middle;
      }
    }
    return best;
  }

  private Outcome twice(double rate, Trial trial) throws Exception {
    Outcome o = trial.at(rate);
    return good(o) ? o : trial.at(rate);
  }

  private boolean good(Outcome o) {
    return o.p99Nanos() <= goodNanos && o.received() >= ENOUGH;
  }
}
