package dev.quic.fuzz;

import dev.quic.uapi.Errno;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** What became of damaged messages: how often which answer came to what. Any thread. */
public final class Tally {
  /** EHWPOISON, the last one. */
  private static final int MAX_ERRNO = 133;

  private final Map<String, Map<String, AtomicLong>> rows = new ConcurrentSkipListMap<>();

  public void count(String row, String column) {
    rows.computeIfAbsent(row, name -> new ConcurrentSkipListMap<>())
        .computeIfAbsent(column, name -> new AtomicLong())
        .incrementAndGet();
  }

  /**
   * A result as a column: ok, or the errno's name.
   *
   * @param value 0 or more, or a negated errno
   * @throws AssertionError when it is no errno of Linux
   */
  public static String result(long value) {
    if (value < -MAX_ERRNO) {
      throw new AssertionError("a bad errno: " + -value);
    }
    return value < 0 ? Errno.name((int) -value) : "ok";
  }

  public long of(String row) {
    Map<String, AtomicLong> columns = rows.get(row);
    return columns == null ? 0 : columns.values().stream().mapToLong(AtomicLong::get).sum();
  }

  public long of(String row, String column) {
    Map<String, AtomicLong> columns = rows.get(row);
    AtomicLong count = columns == null ? null : columns.get(column);
    return count == null ? 0 : count.get();
  }

  /** For a person: a line a row, its columns behind it. */
  public String table() {
    StringBuilder out = new StringBuilder();
    new TreeMap<>(rows)
        .forEach((row, columns) -> out.append(String.format("  %-22s %s%n", row, columns)));
    return out.toString();
  }
}
