package dev.quic.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * Something that must hold within one run.
 *
 * @param measured not a number when a row it needs was not run
 */
public record Goal(String what, double least, double measured) {
  /** A table of the goals that could be judged; empty when there are none. */
  public static String markdown(List<Goal> goals) {
    StringBuilder out = new StringBuilder();
    for (Goal g : goals) {
      if (!Double.isNaN(g.measured)) {
        out.append(
            String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %s |%n",
                g.what,
                g.least,
                g.measured,
                g.measured >= g.least ? "yes" : "no"));
      }
    }
    return out.isEmpty()
        ? ""
        : "### Goals\n\n| | at least | measured | reached |\n| --- | ---: | ---: | --- |\n" + out;
  }
}
