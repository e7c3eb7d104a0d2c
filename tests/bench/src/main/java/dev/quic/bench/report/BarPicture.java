package dev.quic.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * Horizontal bars as SVG, one group a chapter, ours in another colour. Follows the reader's choice
 * of dark or light; no fonts, no scripts, nothing from elsewhere.
 */
public final class BarPicture {
  private static final int WIDTH = 760;
  private static final int LABELS = 300;
  private static final int RIGHT = 84;
  private static final int LINE = 24;
  private static final int BAR = 15;
  private static final int HEADING = 44;
  private static final int TOP = 58;
  private static final int BOTTOM = 18;

  private static final String STYLE =
      """
      <style>
        .paper{fill:#ffffff} text{fill:#1f2328;font:13px system-ui,sans-serif}
        .big{font-size:17px;font-weight:600} .head{font-weight:600} .soft{fill:#59636e}
        .own{fill:#1a7f64} .other{fill:#8c959f} .axis{stroke:#d1d9e0}
        @media (prefers-color-scheme:dark){
          .paper{fill:#0d1117} text{fill:#e6edf3} .soft{fill:#9198a1}
          .own{fill:#3fb995} .other{fill:#6e7681} .axis{stroke:#3d444d}
        }
      </style>
      """;

  private BarPicture() {}

  /**
   * @param subtitle a line below the title: when, on what
   */
  public static String draw(String title, String subtitle, List<Chapter> chapters) {
    int height = TOP + BOTTOM;
    for (Chapter c : chapters) {
      height += HEADING + LINE * c.rows().size();
    }
    StringBuilder out = new StringBuilder();
    out.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\""
                + " aria-label=\"%s\">%n",
            WIDTH, height, WIDTH, height, escape(title)));
    out.append("<title>").append(escape(title)).append("</title>\n").append(STYLE);
    out.append("<rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"6\"/>\n");
    out.append(text(16, 28, "big", "start", title)).append(text(16, 48, "soft", "start", subtitle));
    int y = TOP;
    for (Chapter c : chapters) {
      group(out, c, y);
      y += HEADING + LINE * c.rows().size();
    }
    return out.append("</svg>\n").toString();
  }

  private static void group(StringBuilder out, Chapter c, int top) {
    double most = 0;
    for (Row row : c.rows()) {
      Sample s = row.median();
      most = s == null ? most : Math.max(most, s.value());
    }
    out.append(text(16, top + 28, "head", "start", c.title()));
    out.append(text(WIDTH - 16, top + 28, "soft", "end", c.unit()));
    int y = top + HEADING;
    out.append(
        format(
            "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>%n",
            LABELS, y - 4, LABELS, y + LINE * c.rows().size() - 4));
    for (Row row : c.rows()) {
      bar(out, c, row, y, most);
      y += LINE;
    }
  }

  private static void bar(StringBuilder out, Chapter c, Row row, int y, double most) {
    out.append(text(LABELS - 8, y + 12, row.own() ? "head" : "", "end", row.title()));
    Sample s = row.median();
    if (s == null) {
      out.append(text(LABELS + 8, y + 12, "soft", "start", "no figure"));
      return;
    }
    double width = most == 0 ? 0 : s.value() / most * (WIDTH - LABELS - RIGHT);
    out.append(
        format(
            "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"><title>%s: %s %s</title></rect>%n",
            row.own() ? "own" : "other",
            LABELS,
            y,
            Math.max(1, width),
            BAR,
            escape(row.title()),
            Chapter.number(s.value()),
            escape(c.unit())));
    out.append(text(LABELS + 8 + (int) width, y + 12, "", "start", Chapter.number(s.value())));
  }

  private static String text(int x, int y, String style, String anchor, String text) {
    return format(
        "<text x=\"%d\" y=\"%d\" class=\"%s\" text-anchor=\"%s\">%s</text>%n",
        x, y, style, anchor, escape(text));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
