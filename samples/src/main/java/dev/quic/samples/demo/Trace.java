package dev.quic.samples.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the daemons wrote with {@code --trace}: one flat JSON object a line. Both read the same
 * monotonic clock.
 */
final class Trace {
  /**
   * One line.
   *
   * @param tNs monotonic clock
   * @param who the program
   * @param fields the others, in the order of the line, without those that are null
   */
  record Entry(long tNs, String who, String event, Map<String, String> fields) {
    /** The value of a field, empty where there is none. */
    String get(String name) {
      return fields.getOrDefault(name, "");
    }
  }

  private static final Pattern FIELD =
      Pattern.compile("\"(\\w+)\"\\s*:\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(-?\\d+|true|false)|null)");

  private Trace() {}

  /** All entries of the files that exist, in order of time. */
  static List<Entry> read(List<Path> files) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Path file : files) {
      if (Files.exists(file)) {
        for (String line : Files.readAllLines(file)) {
          entries.add(parse(line));
        }
      }
    }
    entries.sort(Comparator.comparingLong(Entry::tNs));
    return entries;
  }

  static Entry parse(String line) {
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher m = FIELD.matcher(line);
    while (m.find()) {
      String value = m.group(2) != null ? m.group(2) : m.group(3);
      if (value != null) {
        fields.put(m.group(1), value);
      }
    }
    String time = fields.remove("t_ns");
    String who = fields.remove("who");
    String event = fields.remove("event");
    return new Entry(
        time == null ? 0 : Long.parseLong(time),
        who == null ? "" : who,
        event == null ? "" : event,
        fields);
  }
}
