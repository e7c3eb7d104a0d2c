package dev.quic.samples.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** The handshake as both daemons saw it, in microseconds since the first entry. */
final class Timeline {
  private Timeline() {}

  static void print(List<Trace.Entry> entries, PrintStream out) {
    if (entries.isEmpty()) {
      return;
    }
    long start = entries.getFirst().tNs();
    out.printf("%10s  %-11s %s%n", "us", "who", "what");
    for (Trace.Entry e : entries) {
      out.printf(Locale.ROOT, "%10.1f  %-11s %s%n", (e.tNs() - start) / 1e3, e.who(), describe(e));
    }
  }

  static String describe(Trace.Entry e) {
    StringBuilder text = new StringBuilder(e.event());
    append(text, e.dir());
    append(text, e.level());
    append(text, e.name());
    if (e.len() > 0) {
      append(text, e.len() + " bytes");
    }
    if (!e.status().isEmpty()) {
      append(text, "status " + e.status());
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String part) {
    if (!part.isEmpty()) {
      text.append(' ').append(part);
    }
  }
}
