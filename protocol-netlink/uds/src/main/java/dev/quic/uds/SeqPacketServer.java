package dev.quic.uds;

import dev.quic.uapi.Errno;
import dev.quic.uds.linux.Descriptor;
import dev.quic.uds.linux.Dup;
import dev.quic.uds.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** A listening AF_UNIX SOCK_SEQPACKET socket on a path. Confined to one thread. */
public final class SeqPacketServer implements AutoCloseable {
  /** File type bits of {@code st_mode}, and that of a socket. */
  private static final int S_IFMT = 0xf000;

  private static final int S_IFSOCK = 0xc000;

  private final Descriptor fd;
  private final Path path;
  private final Object inode;

  /** Kept for the moment when there are no descriptors left; -1 when it is used up. */
  private int spare;

  private boolean stuck;

  private SeqPacketServer(Descriptor fd, Path path, Object inode) {
    this.fd = fd;
    this.path = path;
    this.inode = inode;
    spare = Dup.of(fd.number());
  }

  /**
   * Listens. A socket file that nobody listens on is replaced.
   *
   * @param backlog connections that may wait to be accepted; further ones wait in connect
   * @param mode permissions as {@code rw-rw-rw-}; in force before the first connection
   * @throws IOException when another process listens there, or the path is something else than a
   *     socket
   */
  public static SeqPacketServer listen(Path path, int backlog, String mode) throws IOException {
    replaceable(path);
    Descriptor d = UnixSocket.bind(path);
    boolean ok = false;
    try {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      UnixSocket.listen(d, backlog);
      ok = true;
      return new SeqPacketServer(d, path, inode(path));
    } finally {
      if (!ok) {
        d.close();
      }
    }
  }

  private static void replaceable(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & S_IFMT) != S_IFSOCK) {
      throw new IOException(path + " exists and is no socket");
    }
    int probe = UnixSocket.connect(path);
    if (probe >= 0) {
      Descriptor.close(probe);
    }
    // Nothing else proves that the file is a dead process's.
    if (probe != -Errno.ECONNREFUSED) {
      throw new IOException(path + " is in use by another process");
    }
    Files.deleteIfExists(path);
  }

  private static Object inode(Path path) throws IOException {
    return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Takes one waiting connection; null when none waits. When the process has no descriptors left,
   * the waiting one is turned away, since it would keep the server readable for ever; unless not
   * even that can be done, see {@link #stuck}.
   */
  public @Nullable SeqPacket tryAccept() {
    int n = UnixSocket.accept(fd);
    stuck = false;
    if (n == -Errno.EMFILE || n == -Errno.ENFILE) {
      turnAway();
      return null;
    }
    stuck = n == -Errno.ENOMEM || n == -Errno.ENOBUFS;
    return n < 0 ? null : SeqPacket.adopt(n);
  }

  private void turnAway() {
    if (spare >= 0) {
      Descriptor.close(spare);
    }
    int n = UnixSocket.accept(fd);
    if (n >= 0) {
      Descriptor.close(n);
    }
    stuck = n < 0 && n != -Errno.EAGAIN;
    spare = Dup.of(fd.number());
  }

  /**
   * Whether the last {@link #tryAccept} left somebody waiting whom it could not take: the system
   * has no files or no memory left, and the server stays readable.
   */
  public boolean stuck() {
    return stuck;
  }

  public int number() {
    return fd.number();
  }

  /** Stops listening and removes the file, unless another server has put its own there. */
  @Override
  public void close() {
    if (fd.isClosed()) {
      return;
    }
    fd.close();
    if (spare >= 0) {
      Descriptor.close(spare);
      spare = -1;
    }
    try {
      if (inode.equals(inode(path))) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // Gone already, or the next one to listen replaces it.
      return;
    }
  }
}
