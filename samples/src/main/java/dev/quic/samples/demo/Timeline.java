package dev.quic.samples.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One kernel consumer's handshake as both daemons saw it, in microseconds since its request. */
final class Timeline {
  private static final String DATA_PLANE = "dataplane";

  private final List<Trace.Entry> entries;

  private Timeline(List<Trace.Entry> entries) {
    this.entries = entries;
  }

  /**
   * Of all that was traced: from the first request to when it was done, without the data plane's
   * other sockets. The daemon had no other request.
   */
  static Timeline ofFirstRequest(List<Trace.Entry> all) {
    List<Trace.Entry> picked = new ArrayList<>();
    String sock = null;
    for (Trace.Entry e : all) {
      boolean dataPlane = e.who().equals(DATA_PLANE);
      if (sock == null && dataPlane && e.event().equals("request")) {
        sock = e.get("sock");
      }
      if (sock != null && (!dataPlane || e.get("sock").equals(sock))) {
        picked.add(e);
      }
    }
    // The daemon notes its last call when that returned, after the data plane noted it.
    int end = picked.size();
    while (end > 0 && !picked.get(end - 1).event().equals("done")) {
      end--;
    }
    return new Timeline(List.copyOf(picked.subList(0, end)));
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Nanoseconds from the request to the end. */
  long length() {
    return entries.isEmpty() ? 0 : entries.getLast().tNs() - entries.getFirst().tNs();
  }

  void print(PrintStream out) {
    out.printf("%10s  %-11s %s%n", "us", "who", "what");
    for (Trace.Entry e : entries) {
      double us = (e.tNs() - entries.getFirst().tNs()) / 1e3;
      out.printf(Locale.ROOT, "%10.1f  %-11s %s%n", us, e.who(), describe(e));
    }
  }

  static String describe(Trace.Entry e) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-15s", e.event()));
    for (Map.Entry<String, String> field : e.fields().entrySet()) {
      String value = field.getValue();
      switch (field.getKey()) {
        case "sock", "offset" -> {
          // one socket, and messages in order: neither says anything here
        }
        case "level", "dir", "name" -> append(text, value);
        case "len" -> append(text, value.equals("0") ? "" : value + " bytes");
        default -> append(text, field.getKey() + " " + value);
      }
    }
    return text.toString().stripTrailing();
  }

  private static void append(StringBuilder text, String part) {
    if (!part.isEmpty()) {
      text.append(' ').append(part);
    }
  }
}
