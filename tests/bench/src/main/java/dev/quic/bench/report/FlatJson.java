package dev.quic.bench.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One JSON object a line, with strings and numbers only: what the measured programs print. */
public final class FlatJson {
  private static final Pattern PAIR =
      Pattern.compile("\"([A-Za-z0-9_]+)\":(?:\"([^\"]*)\"|(-?[0-9][0-9.eE+-]*))");

  private final Map<String, String> values;

  private FlatJson(Map<String, String> values) {
    this.values = values;
  }

  public static FlatJson parse(String line) {
    Map<String, String> values = new LinkedHashMap<>();
    Matcher pairs = PAIR.matcher(line);
    while (pairs.find()) {
      String text = pairs.group(2);
      values.put(pairs.group(1), text == null ? pairs.group(3) : text);
    }
    return new FlatJson(values);
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /**
   * @param otherwise what it is when the object does not have it, or has no number
   */
  public double number(String name, double otherwise) {
    String text = values.get(name);
    try {
      return text == null ? otherwise : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
