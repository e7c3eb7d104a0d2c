package dev.quic.samples.hq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The files that may be served: regular ones that really are below one directory. */
public final class HqFiles {
  private final Path root;

  public HqFiles(Path directory) throws IOException {
    this.root = directory.toRealPath();
  }

  /**
   * The file of a request line such as {@code GET /name}.
   *
   * @throws NoSuchFileException for anything that is not a file below the directory, whether by
   *     {@code ..} or by a symbolic link
   */
  Path find(String requestLine) throws IOException {
    String[] words = requestLine.strip().split("\\s+", 3);
    if (words.length < 2 || !words[0].equals("GET") || !words[1].startsWith("/")) {
      throw new NoSuchFileException("not a request: " + printable(requestLine));
    }
    return file(words[1]);
  }

  /**
   * The file of a path such as {@code /name}.
   *
   * @throws NoSuchFileException as {@link #find}
   */
  public Path file(String path) throws IOException {
    try {
      Path file = root.resolve(path.replaceFirst("^/+", "")).normalize();
      if (file.startsWith(root) && Files.isRegularFile(file)) {
        Path real = file.toRealPath();
        if (real.startsWith(root)) {
          return real;
        }
      }
    } catch (InvalidPathException e) {
      // not a name this file system can have
    }
    throw new NoSuchFileException(printable(path));
  }

  private static String printable(String text) {
    String shown = text.strip().replaceAll("[^ -~]", "?");
    return shown.length() > 80 ? shown.substring(0, 80) + "..." : shown;
  }
}
