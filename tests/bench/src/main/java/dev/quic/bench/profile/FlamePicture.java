package dev.quic.bench.profile;

import java.util.Locale;

/**
 * A flame graph as SVG: the width of a box is its share of the samples, callees stand on their
 * callers. Boxes below a share are left out, which keeps the picture small. Follows the reader's
 * choice of dark or light.
 */
final class FlamePicture {
  private static final double WIDTH = 1_160;
  private static final int MARGIN = 10;
  private static final int LINE = 17;
  private static final int TOP = 46;

  /** Share of all samples. */
  private static final double LEAST = 0.004;

  private static final double PER_CHARACTER = 6.4;

  private static final String STYLE =
      """
      <style>
        .paper{fill:#ffffff} text{fill:#1f2328;font:11px ui-monospace,monospace}
        .big{font:600 15px system-ui,sans-serif}
        .a{fill:#f2b872} .b{fill:#eaa25c} .c{fill:#f6cb95} rect{stroke:#ffffff;stroke-width:.5}
        @media (prefers-color-scheme:dark){
          .paper{fill:#0d1117} text{fill:#e6edf3} rect{stroke:#0d1117}
          .a{fill:#8a4b14} .b{fill:#9a5a1f} .c{fill:#74400f}
        }
      </style>
      """;

  private final StringBuilder out = new StringBuilder();
  private final StackTree root;
  private final int height;

  private FlamePicture(StackTree root) {
    this.root = root;
    height = TOP + MARGIN + LINE * depth(root);
  }

  static String draw(String title, StackTree root) {
    return new FlamePicture(root).drawn(title);
  }

  /** Of what is drawn. */
  private int depth(StackTree t) {
    int most = 0;
    for (StackTree b : t.below()) {
      most = wide(b) ? Math.max(most, depth(b)) : most;
    }
    return most + 1;
  }

  private boolean wide(StackTree t) {
    return t.count() >= LEAST * root.count();
  }

  private String drawn(String title) {
    double whole = WIDTH + 2 * MARGIN;
    out.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %d\" role=\"img\" aria-label=\"%s\">%n",
            whole, height, escape(title)));
    out.append("<title>").append(escape(title)).append("</title>\n").append(STYLE);
    out.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
    out.append(
        format(
            "<text class=\"big\" x=\"%d\" y=\"26\">%s, %d samples</text>%n",
            MARGIN, escape(title), root.count()));
    if (root.count() > 0) {
      box(root, MARGIN, height - MARGIN - LINE);
    }
    return out.append("</svg>\n").toString();
  }

  private void box(StackTree t, double x, int y) {
    double width = WIDTH * t.count() / root.count();
    String shade = "abc".charAt(Math.floorMod(t.name().hashCode(), 3)) + "";
    out.append(
        format(
            "<g><title>%s: %.1f %%</title><rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
            escape(t.name()), 100.0 * t.count() / root.count(), shade, x, y, width, LINE - 1));
    int room = (int) (width / PER_CHARACTER) - 1;
    if (room >= 4) {
      String text = t.name().length() <= room ? t.name() : t.name().substring(0, room - 1) + "…";
      out.append(format("<text x=\"%.1f\" y=\"%d\">%s</text>", x + 3, y + 12, escape(text)));
    }
    out.append("</g>\n");
    double at = x;
    for (StackTree b : t.below()) {
      if (wide(b)) {
        box(b, at, y - LINE);
      }
      at += WIDTH * b.count() / root.count();
    }
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
