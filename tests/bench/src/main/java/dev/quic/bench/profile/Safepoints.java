package dev.quic.bench.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The pauses of one JVM, out of {@code -Xlog:safepoint} with the decoration {@code timemillis}.
 *
 * @param pauses the shortest first
 */
record Safepoints(List<Pause> pauses) {
  /**
   * One pause.
   *
   * @param end of it, ms since 1970
   * @param cause the JVM's name for it
   * @param reaching ns until all threads stood still
   * @param total ns, with the work itself and the restart
   */
  record Pause(long end, String cause, long reaching, long total) {}

  private static final Pattern LINE =
      Pattern.compile(
          "^\\[([0-9]+)ms].*Safepoint \"([^\"]*)\".*Reaching safepoint: +([0-9]+) ns.*Total: +([0-9]+) ns");

  static Safepoints read(Path log) throws IOException {
    return of(Files.readAllLines(log, StandardCharsets.UTF_8));
  }

  static Safepoints of(List<String> lines) {
    List<Pause> all = new ArrayList<>();
    for (String line : lines) {
      Matcher m = LINE.matcher(line);
      if (m.find()) {
        long reaching = Long.parseLong(m.group(3));
        all.add(
            new Pause(
                Long.parseLong(m.group(1)), m.group(2), reaching, Long.parseLong(m.group(4))));
      }
    }
    all.sort(Comparator.comparingLong(Pause::total));
    return new Safepoints(List.copyOf(all));
  }

  /**
   * Those that ended within some time.
   *
   * @param from ms since 1970
   * @param to the same, inclusive
   */
  Safepoints between(long from, long to) {
    return new Safepoints(pauses.stream().filter(p -> p.end() >= from && p.end() <= to).toList());
  }

  /**
   * @return nanoseconds that so many percent do not exceed; 0 when there was no pause
   */
  long percentile(double percent) {
    if (pauses.isEmpty()) {
      return 0;
    }
    int index = (int) Math.ceil(pauses.size() * percent / 100) - 1;
    return pauses.get(Math.clamp(index, 0, pauses.size() - 1)).total();
  }

  String text() {
    if (pauses.isEmpty()) {
      return "no safepoint";
    }
    Map<String, Long> causes =
        pauses.stream()
            .collect(Collectors.groupingBy(Pause::cause, TreeMap::new, Collectors.counting()));
    Pause longest = pauses.getLast();
    return String.format(
        Locale.ROOT,
        "%d safepoints %s, median %.3f ms, 99.9 %% within %.3f ms, longest %.3f ms (%s, %.3f ms of it until all stood still)",
        pauses.size(),
        causes,
        percentile(50) / 1e6,
        percentile(99.9) / 1e6,
        longest.total() / 1e6,
        longest.cause(),
        longest.reaching() / 1e6);
  }
}
