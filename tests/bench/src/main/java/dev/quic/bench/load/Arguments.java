package dev.quic.bench.load;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/** {@code NAME=VALUE} pairs separated by {@code ;}. */
record Arguments(Map<String, String> values) {
  static Arguments parse(String text) {
    Map<String, String> values = new HashMap<>();
    for (String part : text.split(";", -1)) {
      int eq = part.indexOf('=');
      if (eq < 1) {
        throw new IllegalArgumentException("not NAME=VALUE: '" + part + "'");
      }
      values.put(part.substring(0, eq), part.substring(eq + 1));
    }
    return new Arguments(Map.copyOf(values));
  }

  String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + "= is missing");
    }
    return value;
  }

  int number(String name) {
    return Integer.parseInt(text(name));
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  InetSocketAddress address(String name) {
    String value = text(name);
    int colon = value.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("not ADDR:PORT: '" + value + "'");
    }
    return new InetSocketAddress(
        value.substring(0, colon), Integer.parseInt(value.substring(colon + 1)));
  }
}
