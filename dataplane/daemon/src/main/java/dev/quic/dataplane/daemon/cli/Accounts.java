package dev.quic.dataplane.daemon.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Users or groups by name, from a file like {@code /etc/passwd}. */
final class Accounts {
  static final Accounts USERS = new Accounts("user", Path.of("/etc/passwd"));
  static final Accounts GROUPS = new Accounts("group", Path.of("/etc/group"));

  private static final int NAME = 0;
  private static final int NUMBER = 2;

  private final String kind;
  private final Path file;

  Accounts(String kind, Path file) {
    this.kind = kind;
    this.file = file;
  }

  /**
   * The number of a name, or a number itself.
   *
   * @throws IllegalArgumentException when there is no such name
   */
  long id(String text) {
    if (text.matches("[0-9]{1,10}")) {
      return Long.parseLong(text);
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          kind + " " + text + ": cannot read " + file + "; give its number", e);
    }
    for (String line : lines) {
      String[] fields = line.split(":", -1);
      if (fields.length > NUMBER
          && fields[NAME].equals(text)
          && fields[NUMBER].matches("[0-9]{1,10}")) {
        return Long.parseLong(fields[NUMBER]);
      }
    }
    throw new IllegalArgumentException(
        "no " + kind + " " + text + " in " + file + "; make it, or give its number");
  }
}
