package dev.quic.uds;

import dev.quic.uds.linux.Descriptor;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** A listening AF_UNIX SOCK_SEQPACKET socket on a path. */
public final class SeqPacketServer implements AutoCloseable {
  private final Descriptor fd;
  private final Path path;

  private SeqPacketServer(Descriptor fd, Path path) {
    this.fd = fd;
    this.path = path;
  }

  /**
   * Listens. A socket file that nobody listens on is replaced.
   *
   * @param mode permissions as {@code rw-rw-rw-}
   * @throws IOException when another process listens there, or the path is something else than a
   *     socket
   */
  public static SeqPacketServer listen(Path path, int backlog, String mode) throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || Files.isDirectory(path)) {
        throw new IOException(path + " exists and is no socket");
      }
      try {
        SeqPacket.connect(path).close();
        throw new IOException(path + " is in use by another process");
      } catch (ConnectException stale) {
        Files.deleteIfExists(path);
      }
    }
    Descriptor d = Descriptor.listen(path, backlog);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    return new SeqPacketServer(d, path);
  }

  /** Takes one waiting connection; null when none waits. */
  public @Nullable SeqPacket tryAccept() {
    int n = fd.accept();
    return n < 0 ? null : SeqPacket.adopt(n);
  }

  public int number() {
    return fd.number();
  }

  @Override
  public void close() {
    fd.close();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The next one to listen replaces it.
    }
  }
}
