package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.connid.ResetTokens;

/** Has the net find a connection by the reset tokens of the ids it uses, on whatever path. */
final class ResetRoutes implements ResetTokens {
  private final QuicSock sock;

  ResetRoutes(QuicSock sock) {
    this.sock = sock;
  }

  @Override
  public void counts(byte[] token) {
    sock.net().routeReset(token, sock);
  }

  @Override
  public void ends(byte[] token) {
    sock.net().unrouteReset(token, sock);
  }
}
