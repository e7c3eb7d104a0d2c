package dev.quic.resumption;

/** What a case came to. */
public enum Verdict {
  OK("ok"),
  /** The RFCs allow it, but it is not what a careful peer does. */
  WARNING("warning"),
  FAILED("FAILED"),
  NOT_RUN("not run");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  /** As in the table. */
  public String text() {
    return text;
  }
}
