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

  /** Trials of the first rate at most while nothing is compiled yet. */
  private static final int WARM_UP = 8;

  /** Of a thousand messages, so many must have arrived when the trial ends. */
  private static final double ENOUGH = 990;

  /** Sending slower than asked by more than this means that the sender is the limit. */
  private static final double SHORTFALL = 0.9;

  private final long goodNanos;
  private final int refinements;

  /** Good, and what came of it. */
  private double low;

  private Outcome best = Outcome.NONE;

  /** Too much; 0 when nothing was yet. */
  private double high;

  /**
   * @param goodNanos a latency at the 99th percentile that is still good
   * @param refinements halvings of the last interval
   */
  public RateSearch(long goodNanos, int refinements) {
    this.goodNanos = goodNanos;
    this.refinements = refinements;
  }

  /**
   * Tries the first rate until it is good, or {@link #WARM_UP} times, to warm up; then goes down by
   * halves until it is good, or doubles until it is not, and halves the interval. What is too much
   * is tried once more, since whatever else the machine does may be why; when all that is below a
   * rate turns out to be good, so is that rate, perhaps, and everything goes on from there.
   *
   * @param start messages a second to begin with
   * @return the best that was good; a rate of 0 when none was
   */
  public Outcome run(double start, Trial trial) throws Exception {
    for (int i = 0; i < WARM_UP && !good(trial.at(start)); i++) {}
    low = start;
    high = 0;
    best = twice(low, trial);
    while (!good(best)) {
      high = low;
      low /= 2;
      if (low < LEAST_RATE) {
        return Outcome.NONE;
      }
      best = twice(low, trial);
    }
    do {
      while (high == 0 && !tooSlow()) {
        look(2 * low, trial);
      }
      double top = high;
      for (int i = 0; i < refinements && high != 0; i++) {
        look((low + high) / 2, trial);
      }
      if (high == 0 || high < top || refinements == 0) {
        return best;
      }
      high = 0;
      look(top, trial);
    } while (high == 0);
    return best;
  }

  /** The sender is the limit. */
  private boolean tooSlow() {
    return best.rate() < SHORTFALL * low;
  }

  private void look(double rate, Trial trial) throws Exception {
    Outcome o = twice(rate, trial);
    if (good(o)) {
      low = rate;
      best = o.rate() > best.rate() ? o : best;
    } else {
      high = rate;
    }
  }

  private Outcome twice(double rate, Trial trial) throws Exception {
    Outcome o = trial.at(rate);
    return good(o) ? o : trial.at(rate);
  }

  private boolean good(Outcome o) {
    return o.p99Nanos() <= goodNanos && o.received() >= ENOUGH;
  }
}
