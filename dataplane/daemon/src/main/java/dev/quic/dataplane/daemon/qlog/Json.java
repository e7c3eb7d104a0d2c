package dev.quic.dataplane.daemon.qlog;

/** Builds one JSON object after another in the same text; names and texts need no escapes. */
final class Json {
  private final StringBuilder out = new StringBuilder(512);
  private boolean first;

  /** Begins anew. */
  Json start() {
    out.setLength(0);
    out.append('{');
    first = true;
    return this;
  }

  private Json name(String name) {
    if (!first) {
      out.append(',');
    }
    first = false;
    out.append('"').append(name).append("\":");
    return this;
  }

  Json object(String name) {
    name(name);
    out.append('{');
    first = true;
    return this;
  }

  Json array(String name, String... texts) {
    name(name);
    out.append('[');
    for (int i = 0; i < texts.length; i++) {
      out.append(i == 0 ? "\"" : ",\"").append(texts[i]).append('"');
    }
    out.append(']');
    return this;
  }

  Json end() {
    out.append('}');
    first = false;
    return this;
  }

  Json text(String name, CharSequence value) {
    name(name);
    out.append('"').append(value).append('"');
    return this;
  }

  /** A value that is JSON already. */
  Json raw(String name, CharSequence json) {
    name(name);
    out.append(json);
    return this;
  }

  /** Any 64 bits, as an unsigned number. */
  Json number(String name, long value) {
    name(name);
    out.append(Long.toUnsignedString(value));
    return this;
  }

  /** Nanoseconds as milliseconds, to the microsecond. */
  Json millis(String name, long nanos) {
    name(name);
    long micros = Math.max(0, nanos) / 1_000;
    long rest = micros % 1_000;
    out.append(micros / 1_000).append('.');
    out.append(rest < 100 ? rest < 10 ? "00" : "0" : "").append(rest);
    return this;
  }

  Json bool(String name, boolean value) {
    name(name);
    out.append(value);
    return this;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
