package dev.quic.samples.h3;

/** A line of a field section: a header, a trailer or a pseudo-header such as {@code :path}. */
record Field(String name, String value) {
  /** What a line counts in a field section's size beyond its characters (RFC 9114 4.2.2). */
  private static final int OVERHEAD = 32;

  int size() {
    return name.length() + value.length() + OVERHEAD;
  }
}
