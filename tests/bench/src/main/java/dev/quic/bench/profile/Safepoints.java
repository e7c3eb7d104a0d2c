package dev.quic.bench.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The pauses of one JVM, out of {@code -Xlog:safepoint}.
 *
 * @param nanos ascending
 */
record Safepoints(List<Long> nanos) {
  private static final Pattern TOTAL = Pattern.compile("Safepoint .*Total: +([0-9]+) ns");

  static Safepoints read(Path log) throws IOException {
    return of(Files.readAllLines(log, StandardCharsets.UTF_8));
  }

  static Safepoints of(List<String> lines) {
    long[] all =
        lines.stream()
            .map(TOTAL::matcher)
            .filter(Matcher::find)
            .mapToLong(m -> Long.parseLong(m.group(1)))
            .sorted()
            .toArray();
    return new Safepoints(Arrays.stream(all).boxed().toList());
  }

  /**
   * @return what so many percent do not exceed; 0 when there was none
   */
  long percentile(double percent) {
    if (nanos.isEmpty()) {
      return 0;
    }
    int index = (int) Math.ceil(nanos.size() * percent / 100) - 1;
    return nanos.get(Math.clamp(index, 0, nanos.size() - 1));
  }

  String text() {
    return String.format(
        Locale.ROOT,
        "%d safepoints, median %.3f ms, 99.9 %% within %.3f ms, longest %.3f ms",
        nanos.size(),
        percentile(50) / 1e6,
        percentile(99.9) / 1e6,
        percentile(100) / 1e6);
  }
}
