package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EINVAL;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.frame.PreferredAddress;
import org.jspecify.annotations.Nullable;

/**
 * A server's preferred address (RFC 9000 section 9.6): what it offers its client, one address of
 * each family at most, and the ports it is reached at there.
 */
final class PreferredOffer {
  private final Conn c;
  private @Nullable SockAddr v4;
  private @Nullable SockAddr v6;
  private int port4 = -1;
  private int port6 = -1;

  PreferredOffer(Conn c) {
    this.c = c;
  }

  /**
   * Offers an address; one of the same family offered before is replaced.
   *
   * @return 0, -EINVAL once the parameters are with the TLS side, or what binding says
   */
  int set(SockAddr a) {
    if (c.local.preferredAddress != null) {
      return -EINVAL;
    }
    int port = bind(a);
    if (port < 0) {
      return port;
    }
    if (a.isV4()) {
      giveBack(port4);
      v4 = a;
      port4 = port;
    } else {
      giveBack(port6);
      v6 = a;
      port6 = port;
    }
    return 0;
  }

  /** The listener's own port serves the address if it is bound to it. */
  private int bind(SockAddr a) {
    int own = c.sock.port;
    if (c.net.address(own).accepts(a)) {
      c.net.share(own);
      return own;
    }
    return c.net.bind(a, true);
  }

  /** The parameters go to the TLS side: makes the offer part of them. */
  void publish() {
    Settings s = c.sock.settings();
    if (!c.server || c.local.preferredAddress != null) {
      return;
    }
    if (v4 == null && s.preferredV4 != null) {
      set(s.preferredV4);
    }
    if (v6 == null && s.preferredV6 != null) {
      set(s.preferredV6);
    }
    if (v4 == null && v6 == null) {
      return;
    }
    ConnId id = c.net.newConnId();
    if (c.net.route(id, c.sock) && c.scids.issue(id) == 1) {
      byte[] token = c.net.secret().resetToken(id.toBytes());
      c.local.preferredAddress = new PreferredAddress(v4, v6, id, token);
    }
  }

  void release() {
    giveBack(port4);
    giveBack(port6);
    port4 = -1;
    port6 = -1;
  }

  private void giveBack(int port) {
    if (port >= 0) {
      c.net.unbind(port);
    }
  }
}
