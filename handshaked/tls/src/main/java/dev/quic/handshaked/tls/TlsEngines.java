package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.bc.BcClientEngine;
import dev.quic.handshaked.tls.bc.BcServerEngine;

/** Makes engines. Any thread; an engine belongs to one thread. */
public final class TlsEngines {
  private TlsEngines() {}

  /**
   * @param transportParameters body of the client's quic_transport_parameters extension
   */
  public static TlsEngine client(TlsConfig.Client config, byte[] transportParameters) {
    return new BcClientEngine(config, transportParameters);
  }

  public static TlsEngine server(TlsConfig.Server config) {
    return new BcServerEngine(config);
  }
}
