package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.QuicUapi;

/**
 * Where a client's first Initial came from and the destination id it chose: copies of it must find
 * the connection for as long as that lives. Also counts the handshake among those under way.
 */
final class FirstInitial {
  private SockAddr remote = SockAddr.any(QuicUapi.AF_INET, 0);
  private ConnId dcid = ConnId.EMPTY;
  private boolean handshaking;

  void route(NetPort net, ConnId chosen, SockAddr from, QuicSock sock) {
    remote = from;
    dcid = chosen;
    net.routeInitial(chosen, from, sock);
    handshaking = true;
    net.handshakes(1);
  }

  void handshakeOver(NetPort net) {
    if (handshaking) {
      handshaking = false;
      net.handshakes(-1);
    }
  }

  void unroute(NetPort net, QuicSock sock) {
    net.unrouteInitial(dcid, remote, sock);
    handshakeOver(net);
  }
}
