package dev.quic.dataplane.io;

/** Numbers of the 64-bit Linux ABI (generic: x86-64, arm64, riscv64). */
final class LinuxAbi {
  private LinuxAbi() {}

  static final int SOCK_DGRAM = 2;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;

  static final int SOL_SOCKET = 1;
  static final int SO_SNDBUF = 7;
  static final int SO_RCVBUF = 8;
  static final int SO_REUSEPORT = 15;
  static final int SO_SNDBUFFORCE = 32;
  static final int SO_RCVBUFFORCE = 33;
  static final int SO_ATTACH_REUSEPORT_CBPF = 51;

  static final int IPPROTO_IP = 0;
  static final int IP_TOS = 1;
  static final int IP_PKTINFO = 8;
  static final int IP_MTU_DISCOVER = 10;
  static final int IP_RECVTOS = 13;
  static final int IP_MTU = 14;

  static final int IPPROTO_IPV6 = 41;
  static final int IPV6_MTU_DISCOVER = 23;
  static final int IPV6_MTU = 24;
  static final int IPV6_V6ONLY = 26;
  static final int IPV6_RECVPKTINFO = 49;
  static final int IPV6_PKTINFO = 50;
  static final int IPV6_RECVTCLASS = 66;
  static final int IPV6_TCLASS = 67;

  /** Sets DF and ignores the path MTU the kernel believes in: what DPLPMTUD needs (RFC 8899). */
  static final int PMTUDISC_PROBE = 3;

  static final int SOL_UDP = 17;
  static final int UDP_SEGMENT = 103;
  static final int UDP_GRO = 104;

  static final int MSG_DONTWAIT = 0x40;

  static final int ENOSYS = 38;

  static final int EPOLL_CLOEXEC = 0x80000;
  static final int EPOLL_CTL_ADD = 1;
  static final int EPOLL_CTL_DEL = 2;
  static final int EPOLL_CTL_MOD = 3;
  static final int EFD_NONBLOCK = 0x800;
  static final int EFD_CLOEXEC = 0x80000;

  /** struct epoll_event is packed on x86-64 only. */
  private static final boolean PACKED = "amd64".equals(System.getProperty("os.arch"));

  static final int EPOLL_EVENT = PACKED ? 12 : 16;
  static final int EPOLL_DATA = PACKED ? 4 : 8;

  /** struct msghdr: name, namelen, iov, iovlen, control, controllen, flags. */
  static final int MSGHDR = 56;

  static final int MSG_NAME = 0;
  static final int MSG_NAMELEN = 8;
  static final int MSG_IOV = 16;
  static final int MSG_IOVLEN = 24;
  static final int MSG_CONTROL = 32;
  static final int MSG_CONTROLLEN = 40;
  static final int MSG_FLAGS = 48;

  /** struct cmsghdr: size_t len, int level, int type; data follows, all aligned to 8. */
  static final int CMSGHDR = 16;

  static int cmsgAlign(int len) {
    return len + 7 & ~7;
  }
}
