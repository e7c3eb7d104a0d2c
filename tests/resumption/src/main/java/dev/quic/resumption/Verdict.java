package dev.quic.resumption;

/** What a case came to, from the best to the worst. */
public enum Verdict {
  OK("ok"),
  NOT_RUN("not run"),
  /** The RFCs allow it, but it is not what a careful peer does. */
  WARNING("warning"),
  FAILED("FAILED");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  /** The worse of two: what was warned of stays so, whatever else could not be run. */
  public Verdict and(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** As in the table. */
  public String text() {
    return text;
  }
}
