package dev.quic.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Curves over time, one panel below the other, as SVG. */
final class Chart {
  private static final int WIDTH = 900;
  private static final int PANEL = 170;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 34;
  private static final int GAP = 46;
  private static final int LINES = 4;
  private static final String[] COLOURS = {"#1f77b4", "#d62728", "#2ca02c"};

  /** Points in the order of time: seconds and values. */
  record Curve(String name, List<double[]> points) {
    Curve(String name) {
      this(name, new ArrayList<>());
    }

    void add(double seconds, double value) {
      points.add(new double[] {seconds, value});
    }
  }

  private record Panel(String title, List<Curve> curves) {}

  private final String title;
  private final double seconds;
  private final List<Panel> panels = new ArrayList<>();

  /**
   * @param seconds length of the time axis
   */
  Chart(String title, double seconds) {
    this.title = title;
    this.seconds = seconds;
  }

  void panel(String name, Curve... curves) {
    panels.add(new Panel(name, List.of(curves)));
  }

  private static String f(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** A number of 1, 2 or 5 times a power of ten, so that four of it reach the value. */
  private static double step(double most) {
    double raw = Math.max(most, 1e-9) / LINES;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double digits = raw / power;
    return power * (digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10);
  }

  String svg() {
    int height = TOP + panels.size() * (PANEL + GAP);
    StringBuilder s = new StringBuilder();
    s.append(
        f("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\"", WIDTH, height));
    s.append(" font-family=\"sans-serif\" font-size=\"12\">\n");
    s.append(f("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", WIDTH, height));
    s.append(f("<text x=\"%d\" y=\"20\" font-size=\"15\">%s</text>\n", LEFT, title));
    for (int i = 0; i < panels.size(); i++) {
      draw(s, panels.get(i), TOP + i * (PANEL + GAP) + 18);
    }
    return s.append("</svg>\n").toString();
  }

  private void draw(StringBuilder s, Panel p, int top) {
    double most = 0;
    for (Curve c : p.curves()) {
      for (double[] point : c.points()) {
        most = Math.max(most, point[1]);
      }
    }
    double step = step(most);
    double scale = PANEL / (LINES * step);
    s.append(f("<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT, top - 6, p.title()));
    for (int i = 0; i <= LINES; i++) {
      double y = top + PANEL - i * step * scale;
      s.append(f("<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/>", LEFT, y, WIDTH - RIGHT));
      s.append(
          f(
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
              LEFT - 6, y + 4, number(i * step)));
    }
    double tick = step(seconds) / 2;
    for (double t = 0; t <= seconds + 1e-9; t += tick) {
      s.append(
          f(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s s</text>\n",
              x(t), top + PANEL + 16, number(t)));
    }
    for (int i = 0; i < p.curves().size(); i++) {
      curve(s, p.curves().get(i), COLOURS[i % COLOURS.length], top, scale);
      int at = WIDTH - RIGHT - 120 * (p.curves().size() - i);
      s.append(
          f(
              "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n",
              at, top - 6, COLOURS[i % COLOURS.length], p.curves().get(i).name()));
    }
  }

  private static String number(double v) {
    return v == Math.rint(v) ? f("%.0f", v) : f("%s", (float) v);
  }

  private double x(double t) {
    return LEFT + t / seconds * (WIDTH - LEFT - RIGHT);
  }

  /** One point a pixel at most: the largest of each. */
  private void curve(StringBuilder s, Curve c, String colour, int top, double scale) {
    s.append(f("<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.2\" d=\"", colour));
    char command = 'M';
    int column = -1;
    double value = 0;
    for (double[] point : c.points()) {
      int at = (int) x(point[0]);
      if (at != column && column >= 0) {
        s.append(f("%c%d %.1f", command, column, top + PANEL - value * scale));
        command = 'L';
        value = 0;
      }
      column = at;
      value = Math.max(value, point[1]);
    }
    s.append("\"/>\n");
  }
}
