package dev.quic.dataplane.daemon.qlog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A strict reader of JSON (RFC 8259), for looking at what was written. */
final class JsonText {
  private final String s;
  private int at;

  private JsonText(String s) {
    this.s = s;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(String text) {
    JsonText t = new JsonText(text);
    Object o = t.value();
    t.blank();
    if (t.at != text.length() || !(o instanceof Map)) {
      throw t.bad("one object");
    }
    return (Map<String, Object>) o;
  }

  private IllegalArgumentException bad(String wanted) {
    return new IllegalArgumentException("expected " + wanted + " at " + at + " of " + s);
  }

  private void blank() {
    while (at < s.length() && " \t\n\r".indexOf(s.charAt(at)) >= 0) {
      at++;
    }
  }

  private char next() {
    blank();
    if (at >= s.length()) {
      throw bad("more");
    }
    return s.charAt(at);
  }

  private void take(char c) {
    if (next() != c) {
      throw bad("'" + c + "'");
    }
    at++;
  }

  private Object value() {
    return switch (next()) {
      case '{' -> map();
      case '[' -> list();
      case '"' -> text();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      default -> number();
    };
  }

  private Object word(String w, boolean v) {
    if (!s.startsWith(w, at)) {
      throw bad(w);
    }
    at += w.length();
    return v;
  }

  private Object number() {
    int from = at;
    while (at < s.length() && "-+.eE0123456789".indexOf(s.charAt(at)) >= 0) {
      at++;
    }
    String n = s.substring(from, at);
    if (!n.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?")) {
      throw bad("a number");
    }
    return Double.valueOf(n);
  }

  private String text() {
    take('"');
    int from = at;
    while (at < s.length() && s.charAt(at) != '"') {
      if (s.charAt(at) < 0x20 || s.charAt(at) == '\\') {
        throw bad("plain text");
      }
      at++;
    }
    take('"');
    return s.substring(from, at - 1);
  }

  private Map<String, Object> map() {
    Map<String, Object> m = new LinkedHashMap<>();
    take('{');
    while (next() != '}') {
      if (!m.isEmpty()) {
        take(',');
        blank();
      }
      String name = text();
      take(':');
      if (m.put(name, value()) != null) {
        throw bad("each name once");
      }
    }
    at++;
    return m;
  }

  private List<Object> list() {
    List<Object> l = new ArrayList<>();
    take('[');
    while (next() != ']') {
      if (!l.isEmpty()) {
        take(',');
      }
      l.add(value());
    }
    at++;
    return l;
  }
}
