package dev.quic.fuzz.tls;

import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEngines;
import dev.quic.handshaked.tls.session.TlsSession;

/**
 * A kind of handshake: what both ends are configured with.
 *
 * @param weight how often it is drawn, against the others: what anybody can send and what is cheap
 *     dominates
 */
record Mode(String name, int weight, TlsConfig.Client clientConfig, TlsConfig.Server serverConfig) {
  static final byte[] CLIENT_PARAMETERS = {0x01, 0x02, 0x67, 0x10};
  static final byte[] SERVER_PARAMETERS = {0x04, 0x01, 0x20};

  TlsEngine client() {
    return TlsEngines.client(clientConfig, CLIENT_PARAMETERS);
  }

  TlsEngine server() {
    return TlsEngines.server(serverConfig);
  }

  /** The next connection of the same client. */
  Mode resuming(TlsSession session) {
    return new Mode(name + ", resumed", weight, clientConfig.withSession(session), serverConfig);
  }

  @Override
  public String toString() {
    return name;
  }
}
