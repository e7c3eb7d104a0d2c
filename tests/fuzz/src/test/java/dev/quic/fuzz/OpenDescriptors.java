package dev.quic.fuzz;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/** Sockets this process has open. */
public final class OpenDescriptors {
  private OpenDescriptors() {}

  /** Their number; other files, as jars, come and go with class loading and do not count. */
  public static int sockets() throws IOException {
    int n = 0;
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path fd : open) {
        n += target(fd).startsWith("socket:") ? 1 : 0;
      }
    }
    return n;
  }

  /** Each open file and how often, for a failure's message. */
  public static TreeMap<String, Integer> all() throws IOException {
    TreeMap<String, Integer> out = new TreeMap<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path fd : open) {
        out.merge(target(fd).replaceAll("\\[\\d+\\]", ""), 1, Integer::sum);
      }
    }
    return out;
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      // The directory stream's own, closed meanwhile.
      return "";
    }
  }
}
