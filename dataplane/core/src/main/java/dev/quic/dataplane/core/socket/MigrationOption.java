package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.EPIPE;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.uapi.QuicUapi;

/** The options CONNECTION_MIGRATION (the kernel's) and PREFERRED_ADDRESS (ours). */
final class MigrationOption {
  private MigrationOption() {}

  /** CONNECTION_MIGRATION: a client's new address, or a server's preferred one. */
  static int set(QuicSock sock, long now, byte[] v) {
    SockAddr a = SockAddrCodec.decode(v);
    Conn c = sock.conn();
    if (a == null || a.port() == 0) {
      return -EINVAL;
    }
    if (c == null || !c.closer.live()) {
      return -EPIPE;
    }
    if (sock.state() == QuicUapi.QUIC_SS_ESTABLISHED) {
      return c.migration.local().migrate(now, a);
    }
    if (!c.server || a.isAny() || a.sameEndpoint(c.path().local())) {
      return -EINVAL;
    }
    return c.migration.offer().set(a);
  }

  /** PREFERRED_ADDRESS: what connections accepted from this listener offer their clients. */
  static int setForListener(QuicSock sock, byte[] v) {
    SockAddr a = SockAddrCodec.decode(v);
    if (a == null || a.port() == 0 || a.isAny() || sock.conn() != null) {
      return -EINVAL;
    }
    boolean own = sock.port() >= 0 && sock.net().address(sock.port()).accepts(a);
    int port = own ? 0 : sock.net().bind(a, true);
    if (port < 0) {
      return port;
    }
    if (!own) {
      // It was only to see whether it can be had; each connection has a share of its own.
      sock.net().unbind(port);
    }
    Settings s = sock.settings();
    if (a.isV4()) {
      s.preferredV4 = a;
    } else {
      s.preferredV6 = a;
    }
    return 0;
  }
}
