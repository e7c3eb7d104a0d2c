package dev.quic.handshaked.tls;

/** Makes engines. Any thread; an engine belongs to one thread. */
public final class TlsEngines {
  private TlsEngines() {}

  /**
   * @param transportParameters body of the client's quic_transport_parameters extension
   */
  public static TlsEngine client(TlsConfig.Client config, byte[] transportParameters) {
    throw new UnsupportedOperationException("skeleton");
  }

  public static TlsEngine server(TlsConfig.Server config) {
    throw new UnsupportedOperationException("skeleton");
  }
}
