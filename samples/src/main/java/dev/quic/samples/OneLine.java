package dev.quic.samples;

import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.ExecutionException;

/** An exception as one line for the user. */
public final class OneLine {
  private OneLine() {}

  public static String of(Throwable e) {
    Throwable cause = e;
    while (cause instanceof ExecutionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return switch (cause) {
      case NoSuchFileException f -> "no such file: " + f.getFile();
      case AccessDeniedException f -> "access denied: " + f.getFile();
      case FileAlreadyExistsException f -> "there is something else of that name: " + f.getFile();
      case NotDirectoryException f -> "not a directory: " + f.getFile();
      case FileSystemException f when f.getReason() != null -> f.getReason() + ": " + f.getFile();
      case UnknownHostException f -> "unknown host: " + message;
      default ->
          message == null || message.isBlank()
              ? cause.getClass().getSimpleName()
              : message.lines().findFirst().orElse("");
    };
  }
}
