package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.QuicUapi;

/** What the kernel knows of routes. */
final class LinuxRoutes {
  /** The discard service: some port has to be named, and nothing is sent to it. */
  private static final int ANY_PORT = 9;

  private LinuxRoutes() {}

  /**
   * The MTU of the way towards an address, of a socket that is connected for the question: those
   * that carry connections are not, and the kernel tells the MTU of connected ones only.
   *
   * @param local source address of any port, which routes may depend on; may be unspecified
   * @return bytes with IP header; 0 when there is no route
   */
  static int mtu(LinuxIo io, SockAddr local, SockAddr remote) {
    boolean four = remote.isV4();
    int family = four ? QuicUapi.AF_INET : QuicUapi.AF_INET6;
    int fd = Libc.socket(io.state, family, LinuxAbi.SOCK_DGRAM | LinuxAbi.SOCK_CLOEXEC, 0);
    if (fd < 0) {
      return 0;
    }
    try {
      if (!local.isAny() && local.isV4() == four) {
        int len = LinuxIo.writeAddress(local.withPort(0), family, io.txName);
        Libc.bind(io.state, fd, io.txName, len);
      }
      SockAddr to = remote.port() == 0 ? remote.withPort(ANY_PORT) : remote;
      int len = LinuxIo.writeAddress(to, family, io.txName);
      if (Libc.connect(io.state, fd, io.txName, len) < 0) {
        return 0;
      }
      int level = four ? LinuxAbi.IPPROTO_IP : LinuxAbi.IPPROTO_IPV6;
      return Math.max(0, io.getInt(fd, level, four ? LinuxAbi.IP_MTU : LinuxAbi.IPV6_MTU));
    } finally {
      Libc.close(io.state, fd);
    }
  }
}
