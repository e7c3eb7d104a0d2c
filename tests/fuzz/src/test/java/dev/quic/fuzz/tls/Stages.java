package dev.quic.fuzz.tls;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLongArray;

/** How far handshakes got with a damaged message of each type. Any thread. */
final class Stages {
  /** What a damaged message led to. */
  enum End {
    /** It was refused itself. */
    AT_ONCE,
    /** It passed, and something behind it was refused. */
    LATER,
    /** Both ends completed with the same secrets. */
    COMPLETE,
    /** Nobody refused anything, and somebody waits for more. */
    WAITING
  }

  private final Map<String, AtomicLongArray> rows = new ConcurrentSkipListMap<>();

  void count(String row, End end) {
    rows.computeIfAbsent(row, name -> new AtomicLongArray(End.values().length))
        .incrementAndGet(end.ordinal());
  }

  long of(End end) {
    return rows.values().stream().mapToLong(row -> row.get(end.ordinal())).sum();
  }

  /** Messages of a row, however they ended. */
  long of(String row) {
    AtomicLongArray counts = rows.get(row);
    long sum = 0;
    for (int i = 0; counts != null && i < counts.length(); i++) {
      sum += counts.get(i);
    }
    return sum;
  }

  long all() {
    return rows.keySet().stream().mapToLong(this::of).sum();
  }

  /** A table for a person. */
  String table(String title) {
    StringBuilder out =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%-34s %9s %9s %9s %9s%n",
                title,
                "at once",
                "later",
                "complete",
                "waiting"));
    rows.forEach((name, counts) ->
        out.append(
            String.format(
                Locale.ROOT,
                "%-34s %9d %9d %9d %9d%n",
                name,
                counts.get(0),
                counts.get(1),
                counts.get(2),
                counts.get(3))));
    return out.toString();
  }
}
