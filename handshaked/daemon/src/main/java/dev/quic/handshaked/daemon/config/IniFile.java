package dev.quic.handshaked.daemon.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A key file in the format of GLib's GKeyFile, which tlshd reads: {@code [group]} lines, {@code key
 * = value} lines, whole-line comments with {@code #}. Keys are literal (a dot means nothing),
 * groups given twice are merged, of a key given twice the last counts. Values take the escapes
 * {@code \s \n \t \r \\}, lists are separated by {@code ;}. Unlike GKeyFile, blanks at the end of a
 * value are dropped: they are never meant, and {@code \s} still writes one.
 *
 * <p>Immutable once parsed; every value knows its line number.
 */
public final class IniFile {
  /** Longest file taken; configuration is small, a device or a log given by mistake is not. */
  public static final int MAX_CHARS = 1 << 20;

  /**
   * One key of one group.
   *
   * @param raw text after the equals sign, escapes not yet resolved
   * @param line 1 for the first line of the file
   */
  public record Entry(String group, String key, String raw, int line) {}

  private final String name;
  private final Map<String, Integer> groups = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<String> warnings = new ArrayList<>();

  private IniFile(String name) {
    this.name = name;
  }

  /**
   * @param name what messages call the file
   * @throws ConfigException at the first line that GKeyFile would refuse, with its number
   */
  public static IniFile parse(String name, String text) throws ConfigException {
    if (text.length() > MAX_CHARS) {
      throw new ConfigException(name + ": longer than " + MAX_CHARS + " characters");
    }
    IniFile file = new IniFile(name);
    String group = null;
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String s = line.strip();
      if (number == 1 && s.startsWith("\ufeff")) {
        s = s.substring(1).strip();
      }
      if (s.isEmpty() || s.charAt(0) == '#') {
        continue;
      }
      if (s.charAt(0) == '[') {
        group = file.parseGroup(s, number);
      } else if (group == null) {
        throw file.error(number, "a key before the first [group]");
      } else {
        file.parseEntry(group, s, number);
      }
    }
    return file;
  }

  private String parseGroup(String s, int line) throws ConfigException {
    if (!s.endsWith("]")) {
      throw error(line, "a group is written [name]");
    }
    String group = s.substring(1, s.length() - 1);
    if (group.isBlank() || group.indexOf('[') >= 0 || group.indexOf(']') >= 0 || control(group)) {
      throw error(line, "not a group name: " + s);
    }
    groups.putIfAbsent(group, line);
    return group;
  }

  private void parseEntry(String group, String s, int line) throws ConfigException {
    int eq = s.indexOf('=');
    if (eq < 0) {
      throw error(line, "neither a [group] nor key=value: " + s);
    }
    String key = s.substring(0, eq).stripTrailing();
    if (key.isEmpty() || key.indexOf('[') >= 0 || key.indexOf(']') >= 0 || control(key)) {
      throw error(line, "not a key: '" + key + "'");
    }
    Entry entry = new Entry(group, key, s.substring(eq + 1).strip(), line);
    Entry old = entries.put(id(group, key), entry);
    if (old != null) {
      warnings.add(at(line) + "[" + group + "] " + key + " was already given in line " + old.line);
    }
  }

  private static boolean control(String s) {
    return s.chars().anyMatch(c -> c < 0x20 || c == 0x7f);
  }

  private static String id(String group, String key) {
    return group + '\n' + key;
  }

  /** Every key, in the order of the file. */
  public List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /** Every group with the line that first names it. */
  public Map<String, Integer> groups() {
    return Map.copyOf(groups);
  }

  /** Things the parser took but a person should hear of. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** The name given to {@link #parse}. */
  public String name() {
    return name;
  }

  /** The value with its escapes resolved; null when the key is absent or empty. */
  public @Nullable String string(String group, String key) throws ConfigException {
    Entry e = entries.get(id(group, key));
    return e == null || e.raw.isEmpty() ? null : unescape(e, e.raw);
  }

  /** The values of a {@code ;} list, empty ones left out; {@code \;} is a semicolon. */
  public List<String> list(String group, String key) throws ConfigException {
    Entry e = entries.get(id(group, key));
    if (e == null) {
      return List.of();
    }
    List<String> out = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= e.raw.length(); i++) {
      if (i < e.raw.length() && e.raw.charAt(i) == '\\') {
        i++;
      } else if (i == e.raw.length() || e.raw.charAt(i) == ';') {
        String item = e.raw.substring(from, i).strip();
        if (!item.isEmpty()) {
          out.add(unescape(e, item));
        }
        from = i + 1;
      }
    }
    return out;
  }

  /**
   * A whole number.
   *
   * @param absent the answer when the key is absent
   * @throws ConfigException when the value is no number or outside {@code min..max}
   */
  public int number(String group, String key, int absent, int min, int max) throws ConfigException {
    Entry e = entries.get(id(group, key));
    if (e == null) {
      return absent;
    }
    try {
      int n = Integer.parseInt(e.raw);
      if (n >= min && n <= max) {
        return n;
      }
    } catch (NumberFormatException notANumber) {
      // Said below, in the same words as a number out of range.
    }
    throw error(
        e.line, "[" + group + "] " + key + " = " + e.raw + ": not a number " + min + ".." + max);
  }

  /** The line of a key, 0 when it is absent. */
  public int line(String group, String key) {
    Entry e = entries.get(id(group, key));
    return e == null ? 0 : e.line;
  }

  private String unescape(Entry e, String raw) throws ConfigException {
    if (raw.indexOf('\\') < 0) {
      return raw;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      i++;
      char escaped = i < raw.length() ? raw.charAt(i) : '\0';
      out.append(
          switch (escaped) {
            case 's' -> ' ';
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case '\\' -> '\\';
            case ';' -> ';';
            default -> throw error(e.line, "unknown escape in " + raw);
          });
    }
    return out.toString();
  }

  /** An error that names file and line. */
  ConfigException error(int line, String what) {
    return new ConfigException(at(line) + what);
  }

  String at(int line) {
    return name + ":" + line + ": ";
  }
}
