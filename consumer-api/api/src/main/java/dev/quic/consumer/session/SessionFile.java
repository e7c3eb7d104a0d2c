package dev.quic.consumer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session in one file, readable by its owner alone. It is replaced and taken by rename, so that
 * nobody sees half a session and of two processes that take it one gets it. Stateless.
 */
public final class SessionFile {
  private static final SecureRandom RANDOM = new SecureRandom();

  private SessionFile() {}

  /**
   * Replaces the file.
   *
   * @param file made with mode 0600, whatever it was before
   */
  public static void write(Path file, QuicSession session) throws IOException {
    Path fresh = beside(file, ".new");
    byte[] bytes = session.encode();
    try {
      try (FileChannel out =
          FileChannel.open(
              fresh,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              ownerOnly(fresh))) {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
          out.write(rest);
        }
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Arrays.fill(bytes, (byte) 0);
      Files.deleteIfExists(fresh);
    }
  }

  /**
   * Reads the file and removes it.
   *
   * @return null when there is none, or an empty one
   * @throws IOException also when it holds something else, which is left alone
   */
  public static @Nullable QuicSession take(Path file) throws IOException {
    try {
      if (Files.size(file) == 0) {
        return null;
      }
      QuicSession seen = read(file);
      if (seen == null) {
        throw new IOException(file + ": not a session; left as it is");
      }
      seen.destroy();
    } catch (NoSuchFileException e) {
      return null;
    }
    return claim(file, System.currentTimeMillis());
  }

  /**
   * Removes the file and reads it.
   *
   * @param now milliseconds since 1970: a name that is taken counts as left behind long after
   * @return null when there is none (any more), or when it holds no session
   */
  static @Nullable QuicSession claim(Path file, long now) throws IOException {
    Path taken = beside(file, ".taken");
    try {
      // The time that says it was put long ago would have others remove it under our hands.
      BasicFileAttributeView times =
          Files.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      if (times != null) {
        times.setTimes(FileTime.fromMillis(now), null, null);
      }
      Files.move(file, taken, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      return null;
    }
    try {
      return read(taken);
    } finally {
      Files.deleteIfExists(taken);
    }
  }

  private static @Nullable QuicSession read(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    ByteBuffer in = ByteBuffer.allocate(QuicSession.MAX_BYTES + 1);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      int n;
      do {
        n = channel.read(in);
      } while (n > 0);
    }
    try {
      byte[] bytes = Arrays.copyOf(in.array(), in.position());
      QuicSession session = QuicSession.parse(bytes);
      Arrays.fill(bytes, (byte) 0);
      return session;
    } finally {
      Arrays.fill(in.array(), (byte) 0);
    }
  }

  /** A name in the same directory that nobody else uses. */
  private static Path beside(Path file, String suffix) {
    byte[] unique = new byte[8];
    RANDOM.nextBytes(unique);
    String name = "." + HexFormat.of().formatHex(unique) + suffix;
    return file.toAbsolutePath().resolveSibling(name);
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };
  }

  /** Whether anybody but the owner may do anything there; no where files have no such modes. */
  static boolean isOpenToOthers(Path path) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    return view != null
        && view.readAttributes().permissions().stream()
            .anyMatch(permission -> !permission.name().startsWith("OWNER_"));
  }
}
