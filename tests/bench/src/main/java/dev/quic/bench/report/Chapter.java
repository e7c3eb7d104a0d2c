package dev.quic.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows that belong together.
 *
 * @param unit of the value: {@code Gbit/s}, {@code a second}
 * @param cpuUnit of the CPU columns: {@code s/GiB}, {@code ms each}
 * @param note a sentence below the table; empty for none
 */
public record Chapter(String title, String unit, String cpuUnit, List<Row> rows, String note) {
  private static final String NOTHING = "–";

  public Chapter {
    rows = List.copyOf(rows);
  }

  /** The row's value divided by that of its reference; not a number when one is missing. */
  public double ratio(Row row) {
    Sample mine = row.median();
    Sample other = reference(row);
    return mine == null || other == null ? Double.NaN : mine.value() / other.value();
  }

  private @Nullable Sample reference(Row row) {
    for (Row r : rows) {
      if (r.title().equals(row.reference())) {
        return r.median();
      }
    }
    return null;
  }

  /** As a table in Markdown, its title a heading of the third level. */
  public String markdown() {
    StringBuilder out = new StringBuilder("### ").append(title).append("\n\n");
    out.append("| | ").append(unit).append(" | rounds | ratio to ours | CPU ").append(cpuUnit);
    out.append(", client | server |\n| --- | ---: | --- | ---: | ---: | ---: |\n");
    for (Row row : rows) {
      out.append(line(row));
    }
    for (Row row : rows) {
      if (!row.failures().isEmpty()) {
        out.append('\n').append(failed(row)).append('\n');
      }
    }
    if (!note.isEmpty()) {
      out.append('\n').append(note).append('\n');
    }
    return out.toString();
  }

  private static String failed(Row row) {
    int all = row.failures().size() + row.samples().size();
    return row.title()
        + ": "
        + row.failures().size()
        + " of "
        + all
        + " runs failed ("
        + row.failures().get(0)
        + ").";
  }

  private String line(Row row) {
    Sample median = row.median();
    if (median == null) {
      return "| " + row.title() + " | " + NOTHING + " | | | | |\n";
    }
    String rounds =
        row.samples().stream().map(s -> number(s.value())).collect(Collectors.joining(", "));
    double ratio = ratio(row);
    return String.join(
        " | ",
        "| " + row.title() + used(median),
        number(median.value()),
        rounds,
        Double.isNaN(ratio) ? "" : String.format(Locale.ROOT, "%.2f", ratio),
        cpu(median.clientCpu()),
        cpu(median.serverCpu()) + " |\n");
  }

  private static String used(Sample s) {
    return s.datagram() == 0 ? "" : ", datagrams of " + s.datagram();
  }

  private static String cpu(double value) {
    return value < 0 ? NOTHING : String.format(Locale.ROOT, "%.2f", value);
  }

  /** Three digits, or all before the point. */
  static String number(double value) {
    String pattern = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, pattern, value);
  }
}
