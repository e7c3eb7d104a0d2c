package dev.quic.fuzz;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

  /** The sockets and the kernel's tables' lines of them, for a failure's message. */
  public static List<String> lines() throws IOException {
    List<String> out = new ArrayList<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path fd : open) {
        String target = target(fd);
        if (target.startsWith("socket:[")) {
          out.add(fd.getFileName() + " " + line(target.substring(8, target.length() - 1)));
        }
      }
    }
    return out;
  }

  private static String line(String inode) throws IOException {
    for (String table : new String[] {"unix", "udp", "udp6"}) {
      for (String line : Files.readAllLines(Path.of("/proc/self/net", table))) {
        if (List.of(line.strip().split("\\s+")).contains(inode)) {
          return table + " " + line.strip();
        }
      }
    }
    return inode;
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
