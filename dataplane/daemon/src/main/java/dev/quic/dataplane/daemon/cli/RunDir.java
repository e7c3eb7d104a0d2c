package dev.quic.dataplane.daemon.cli;

import dev.quic.uds.FileReason;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directory of the data plane's sockets, held by one data plane at a time: a lock on {@code
 * dataplane.lock}, which the kernel drops with the process.
 */
public final class RunDir implements Closeable {
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> PUBLIC =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path dir;
  private final FileChannel lockFile;

  private RunDir(Path dir, FileChannel lockFile) {
    this.dir = dir;
    this.lockFile = lockFile;
  }

  /** The place where {@code --run-dir} is not given; null when there is none. */
  public static @Nullable Path standard(Map<String, String> environment, boolean root) {
    String own = environment.get("QUIC_RUN_DIR");
    if (own != null && !own.isEmpty()) {
      return Path.of(own);
    }
    if (root) {
      return Path.of("/run/quic");
    }
    String xdg = environment.get("XDG_RUNTIME_DIR");
    return xdg == null || xdg.isEmpty() ? null : Path.of(xdg, "quic");
  }

  /**
   * Makes the directory if need be and takes its lock. Root's can be entered by everyone, since
   * programs of all users connect; anyone else's by its owner only.
   *
   * @throws StartException when it is unsafe, or another data plane holds it
   */
  public static RunDir open(Path dir) throws StartException {
    Path d = dir.toAbsolutePath().normalize();
    try {
      create(d, Credentials.isRoot() ? PUBLIC : PRIVATE);
      check(d);
      FileChannel c =
          FileChannel.open(
              d.resolve("dataplane.lock"),
              Set.of(
                  StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      if (!lock(c)) {
        c.close();
        throw new StartException("another data plane runs in " + d);
      }
      return new RunDir(d, c);
    } catch (IOException e) {
      throw new StartException(
          "cannot use run directory "
              + d
              + ": "
              + FileReason.of(e)
              + "; name another with --run-dir",
          e);
    }
  }

  private static void create(Path d, Set<PosixFilePermission> mode) throws IOException {
    try {
      Path parent = d.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(d, PosixFilePermissions.asFileAttribute(mode));
      Files.setPosixFilePermissions(d, mode);
    } catch (FileAlreadyExistsException e) {
      // Ours from an earlier run, or prepared by the administrator: checked next.
      return;
    }
  }

  /** Whoever else can write here could put sockets of his own in our place. */
  private static void check(Path d) throws IOException, StartException {
    PosixFileAttributes a =
        Files.readAttributes(d, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!a.isDirectory()) {
      throw new StartException("run directory " + d + " is not a directory");
    }
    Set<PosixFilePermission> p = a.permissions();
    if (p.contains(PosixFilePermission.GROUP_WRITE)
        || p.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new StartException("run directory " + d + " can be written by others");
    }
    if (Credentials.uidOf(d) != Credentials.effectiveUid()) {
      throw new StartException("run directory " + d + " belongs to " + a.owner().getName());
    }
  }

  private static boolean lock(FileChannel c) throws IOException {
    try {
      FileLock lock = c.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  public Path dir() {
    return dir;
  }

  /** Removes a socket's name left behind by a data plane that died. */
  public Path fresh(String name) throws IOException {
    Path p = dir.resolve(name);
    Files.deleteIfExists(p);
    return p;
  }

  /** Removes the sockets' names and gives the directory free. */
  @Override
  public void close() {
    try (lockFile) {
      for (String name : new String[] {"netlink.sock", "socket.sock", "diag.sock"}) {
        Files.deleteIfExists(dir.resolve(name));
      }
    } catch (IOException e) {
      // The next data plane removes what is left.
      return;
    }
  }
}
