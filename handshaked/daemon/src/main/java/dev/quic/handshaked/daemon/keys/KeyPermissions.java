package dev.quic.handshaked.daemon.keys;

import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Whether files are the process's own and nobody else's: a key that others may read or replace is
 * none.
 */
final class KeyPermissions {
  private static final int GROUP_AND_OTHERS = 077;
  private static final int MODE_BITS = 07777;

  private KeyPermissions() {}

  /** A directory with mode 0700 or less, our own or root's. */
  static void checkDirectory(Path dir) throws CredentialException {
    Map<String, Object> is = attributes(dir, "key directory");
    if (!Boolean.TRUE.equals(is.get("isDirectory"))) {
      throw new CredentialException("key directory " + dir + " is no directory");
    }
    check(dir, "key directory", is, 0700);
  }

  /** A regular file, no link, with mode 0600 or less, our own or root's. */
  static void checkFile(Path file) throws CredentialException {
    Map<String, Object> is = attributes(file, "key");
    if (!Boolean.TRUE.equals(is.get("isRegularFile"))) {
      throw new CredentialException("key " + file + " is no plain file");
    }
    check(file, "key", is, 0600);
  }

  private static Map<String, Object> attributes(Path path, String what) throws CredentialException {
    try {
      return Files.readAttributes(
          path, "unix:mode,uid,isDirectory,isRegularFile", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw new CredentialException(what + " " + path + " does not exist");
    } catch (IOException | UnsupportedOperationException e) {
      throw new CredentialException(Errno.EACCES, "cannot look at " + what + " " + path);
    }
  }

  private static void check(Path path, String what, Map<String, Object> is, int wanted)
      throws CredentialException {
    int mode = number(is, "mode") & MODE_BITS;
    int owner = number(is, "uid");
    if ((mode & GROUP_AND_OTHERS) != 0) {
      throw new CredentialException(
          Errno.EACCES,
          String.format(
              "%s %s is open to others (mode %04o): chmod %04o it", what, path, mode, wanted));
    }
    int own = ownUid();
    if (owner != own && owner != 0) {
      throw new CredentialException(
          Errno.EACCES,
          what + " " + path + " belongs to user " + owner + ", not to us (" + own + "): chown it");
    }
  }

  /** What a file system does not tell counts as the worst. */
  private static int number(Map<String, Object> is, String name) {
    return is.get(name) instanceof Integer value ? value : -1;
  }

  private static int ownUid() throws CredentialException {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException | UnsupportedOperationException e) {
      throw new CredentialException(Errno.EACCES, "cannot tell which user we are: no /proc/self");
    }
  }
}
