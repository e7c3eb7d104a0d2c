package dev.quic.uds;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Why a file cannot be used, in words for a line that names it: the message of many an exception is
 * the path alone, and the exceptions' names say nothing to users.
 */
public final class FileReason {
  private FileReason() {}

  /** In one line, without the path. */
  public static String of(IOException e) {
    return switch (e) {
      case NoSuchFileException x -> "no such file or directory";
      case AccessDeniedException x -> "permission denied";
      case FileAlreadyExistsException x -> "there is something else of that name";
      case NotDirectoryException x -> "not a directory";
      case CharacterCodingException x -> "not UTF-8 text";
      case FileSystemException x when x.getReason() != null -> firstLine(x.getReason());
      default -> e.getMessage() == null ? "input or output failed" : firstLine(e.getMessage());
    };
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
