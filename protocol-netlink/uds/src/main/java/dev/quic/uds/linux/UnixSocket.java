package dev.quic.uds.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quic.uapi.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * AF_UNIX sockets with a name: a path, or for {@code @name} one in Linux's abstract space. The name
 * has at most 107 bytes.
 */
public final class UnixSocket {
  private static final int NAME_MAX = 107;

  /** How long connecting may wait for a server with a full backlog, seconds. */
  private static final int CONNECT_SECONDS = 5;

  private UnixSocket() {}

  /**
   * Connects to a SEQPACKET server.
   *
   * @return the descriptor's number, or a negated errno: ENOENT and ECONNREFUSED when nobody
   *     listens, EAGAIN when the server does not get round to it
   */
  public static int connect(Path path) throws IOException {
    return connect(path.toString(), Libc.SOCK_SEQPACKET);
  }

  private static int connect(String name, int type) throws IOException {
    Scratch s = Scratch.take();
    try {
      byte[] address = address(name);
      int fd = Descriptor.check(Libc.socket(s.state, Libc.AF_UNIX, type | Libc.SOCK_CLOEXEC), name);
      s.small.set(JAVA_LONG, 0, CONNECT_SECONDS);
      s.small.set(JAVA_LONG, 8, 0);
      Libc.setsockopt(s.state, fd, Libc.SO_SNDTIMEO, s.small, 16);
      int r = Libc.connect(s.state, fd, sockaddr(s, address), 2 + address.length);
      while (r == -Errno.EINTR) {
        r = Libc.connect(s.state, fd, sockaddr(s, address), 2 + address.length);
      }
      if (r < 0) {
        Libc.close(s.state, fd);
        return r;
      }
      return fd;
    } finally {
      s.give();
    }
  }

  /** Makes a SEQPACKET socket with a name; {@link #listen} is next. */
  public static Descriptor bind(Path path) throws IOException {
    return bind(path.toString(), Libc.SOCK_SEQPACKET);
  }

  /** Makes a DGRAM socket with a name, which receives what {@link #sendDatagram} sends. */
  public static Descriptor bindDatagram(String name) throws IOException {
    return bind(name, Libc.SOCK_DGRAM);
  }

  private static Descriptor bind(String name, int type) throws IOException {
    Scratch s = Scratch.take();
    try {
      byte[] address = address(name);
      // Not blocking, for accept: a connection may be gone again before it is taken.
      int flags = Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK;
      int fd = Descriptor.check(Libc.socket(s.state, Libc.AF_UNIX, type | flags), name);
      int r = Libc.bind(s.state, fd, sockaddr(s, address), 2 + address.length);
      if (r < 0) {
        Libc.close(s.state, fd);
        throw new IOException(name + ": " + Errno.name(r));
      }
      return new Descriptor(fd);
    } finally {
      s.give();
    }
  }

  public static void listen(Descriptor d, int backlog) throws IOException {
    Scratch s = Scratch.take();
    try {
      Descriptor.check(Libc.listen(s.state, d.number(), backlog), "listen");
    } finally {
      s.give();
    }
  }

  /** One waiting connection. @return its number, or a negated errno */
  public static int accept(Descriptor server) {
    if (!server.enter()) {
      return -Errno.EBADF;
    }
    Scratch s = Scratch.take();
    try {
      return Libc.accept(s.state, server.number());
    } finally {
      s.give();
      server.leave();
    }
  }

  /** Sends one datagram. @return bytes sent, or a negated errno */
  public static int sendDatagram(String name, byte[] bytes) throws IOException {
    int fd = connect(name, Libc.SOCK_DGRAM);
    if (fd < 0) {
      return fd;
    }
    Descriptor d = new Descriptor(fd);
    int n = d.send(bytes, 0, bytes.length, -1);
    d.close();
    return n;
  }

  private static byte[] address(String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > NAME_MAX) {
      throw new IOException(name + ": a socket's name has at most " + NAME_MAX + " bytes");
    }
    if (bytes.length > 1 && bytes[0] == '@') {
      bytes[0] = 0;
    }
    return bytes;
  }

  private static MemorySegment sockaddr(Scratch s, byte[] address) {
    s.small.fill((byte) 0);
    s.small.set(JAVA_SHORT, 0, (short) Libc.AF_UNIX);
    MemorySegment.copy(address, 0, s.small, JAVA_BYTE, 2, address.length);
    return s.small;
  }
}
