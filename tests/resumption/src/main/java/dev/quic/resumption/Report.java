package dev.quic.resumption;

import java.util.List;
import java.util.Locale;

/**
 * The results of a run.
 *
 * @param peer who was tested
 */
public record Report(String peer, List<CaseResult> results) {
  private static final String[] TITLES = {"case", "expected", "seen", "verdict"};

  public Report {
    results = List.copyOf(results);
  }

  /** Nothing failed; with {@code strict}, nothing was warned of either. */
  public boolean passed(boolean strict) {
    return results.stream()
        .noneMatch(
            r -> r.verdict() == Verdict.FAILED || (strict && r.verdict() == Verdict.WARNING));
  }

  private long count(Verdict verdict) {
    return results.stream().filter(r -> r.verdict() == verdict).count();
  }

  /** {@code 12 ok, 1 warning, 0 failed, 3 not run}. */
  public String summary() {
    return count(Verdict.OK)
        + " ok, "
        + count(Verdict.WARNING)
        + " warning, "
        + count(Verdict.FAILED)
        + " failed, "
        + count(Verdict.NOT_RUN)
        + " not run";
  }

  /** For people. */
  public String table() {
    int[] widths = new int[TITLES.length - 1];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = TITLES[i].length();
      for (CaseResult r : results) {
        widths[i] = Math.max(widths[i], cells(r)[i].length());
      }
    }
    StringBuilder out = new StringBuilder();
    line(out, widths, TITLES);
    for (CaseResult r : results) {
      line(out, widths, cells(r));
    }
    return out.append(summary()).append('\n').toString();
  }

  private static void line(StringBuilder out, int[] widths, String[] cells) {
    for (int i = 0; i < widths.length; i++) {
      out.append(cells[i]).append(" ".repeat(widths[i] - cells[i].length() + 2));
    }
    out.append(cells[widths.length]).append('\n');
  }

  private static String[] cells(CaseResult r) {
    // A peer's words must not move the cursor.
    String seen = r.seen().replaceAll("\\p{Cntrl}", "?");
    return new String[] {r.name(), r.expected(), seen, r.verdict().text()};
  }

  /** For programs: an object with peer, passed and cases. */
  public String json() {
    StringBuilder out = new StringBuilder("{\"peer\": ").append(quoted(peer));
    out.append(", \"passed\": ").append(passed(false)).append(", \"cases\": [");
    String between = "\n  ";
    for (CaseResult r : results) {
      out.append(between).append("{\"case\": ").append(quoted(r.name()));
      out.append(", \"expected\": ").append(quoted(r.expected()));
      out.append(", \"seen\": ").append(quoted(r.seen()));
      out.append(", \"verdict\": ").append(quoted(r.verdict().text())).append('}');
      between = ",\n  ";
    }
    return out.append("\n]}\n").toString();
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
