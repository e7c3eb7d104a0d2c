package dev.quic.handshaked.daemon.tags;

/**
 * A pattern over a whole text: {@code *} stands for any run of characters, the empty one included,
 * {@code ?} for any one, everything else for itself. Immutable.
 */
final class Wildcard {
  /** Longest pattern, in characters. */
  static final int MAX_PATTERN = 512;

  private final String pattern;

  /**
   * @param pattern at most {@link #MAX_PATTERN} characters
   */
  Wildcard(String pattern) {
    if (pattern.length() > MAX_PATTERN) {
      throw new IllegalArgumentException("a pattern has at most " + MAX_PATTERN + " characters");
    }
    this.pattern = pattern;
  }

  /** Takes at most pattern times text steps: there is one point to go back to, the last star. */
  boolean matches(String text) {
    int p = 0;
    int t = 0;
    int star = -1;
    int retry = 0;
    while (t < text.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        retry = t;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++retry;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  @Override
  public String toString() {
    return pattern;
  }
}
