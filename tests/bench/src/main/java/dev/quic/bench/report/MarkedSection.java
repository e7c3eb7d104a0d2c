package dev.quic.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A part of a Markdown file that a program writes, between two comments. */
public final class MarkedSection {
  private MarkedSection() {}

  /**
   * Replaces the part, or adds it at the end; makes the file where there is none.
   *
   * @param name of the part: letters and dashes
   * @throws IOException also when one of the two comments is missing or they are the wrong way
   *     round
   */
  public static void write(Path file, String name, String text) throws IOException {
    String old = Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
    try {
      Files.writeString(file, replaced(old, name, text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  static String replaced(String old, String name, String text) {
    String begin = "<!-- begin " + name + " -->\n";
    String end = "<!-- end " + name + " -->\n";
    String part = begin + "\n" + text.strip() + "\n\n" + end;
    int from = old.indexOf(begin);
    int to = old.indexOf(end);
    if (from < 0 && to < 0) {
      return old + (old.isEmpty() ? "" : "\n") + part;
    }
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          "one of '" + begin.strip() + "' and '" + end.strip() + "' is missing or misplaced");
    }
    return old.substring(0, from) + part + old.substring(to + end.length());
  }
}
