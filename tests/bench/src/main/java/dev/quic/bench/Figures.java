package dev.quic.bench;

import java.util.HashMap;
import java.util.Map;

/**
 * What a load printed: {@code name=number} words of one or several lines. 0 for what is missing.
 */
final class Figures {
  private final Map<String, Long> values = new HashMap<>();

  static Figures of(String line) {
    Figures f = new Figures();
    f.take("", line);
    return f;
  }

  /** Adds a line; {@code prefix} goes before each of its names. */
  void take(String prefix, String line) {
    for (String word : line.strip().split(" ", -1)) {
      int eq = word.indexOf('=');
      values.put(prefix + word.substring(0, eq), Long.valueOf(word.substring(eq + 1)));
    }
  }

  long get(String name) {
    return values.getOrDefault(name, 0L);
  }
}
