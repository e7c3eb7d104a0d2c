package dev.quic.samples.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
   * @param name the option's or the messages' names, empty for none
   * @param level of the message or secret, empty for none
   * @param dir send or receive, empty for none
   * @param len bytes, -1 for none
   */
  record Entry(
      long tNs,
      String who,
      String event,
      String name,
      String level,
      String dir,
      long len,
      String status) {}

  private static final Pattern FIELD =
      Pattern.compile("\"(\\w+)\"\\s*:\\s*(?:\"([^\"]*)\"|(-?\\d+)|(true|false|null))");

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
    long tNs = 0;
    String who = "";
    String event = "";
    String name = "";
    String level = "";
    String dir = "";
    long len = -1;
    String status = "";
    Matcher m = FIELD.matcher(line);
    while (m.find()) {
      String text = m.group(2) != null ? m.group(2) : m.group(3) != null ? m.group(3) : "";
      switch (m.group(1)) {
        case "t_ns" -> tNs = Long.parseLong(text);
        case "who" -> who = text;
        case "event" -> event = text;
        case "name" -> name = text;
        case "level" -> level = text;
        case "dir" -> dir = text;
        case "len" -> len = Long.parseLong(text);
        case "status" -> status = text;
        default -> {
          // a field that the timeline does not show
        }
      }
    }
    return new Entry(tNs, who, event, name, level, dir, len, status);
  }
}
