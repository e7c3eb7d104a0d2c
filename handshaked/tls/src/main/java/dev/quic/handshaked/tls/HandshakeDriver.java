package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.cert.CredentialException;

/**
 * Drives the socket of one split handshake from the first call to the last, in tlshd's order.
 * Blocks the calling thread, owns none.
 */
public final class HandshakeDriver {
  private HandshakeDriver() {}

  /** Loads a configuration, late, so that an unreadable key fails this handshake only. */
  @FunctionalInterface
  public interface ConfigSource<C extends TlsConfig> {
    C load() throws CredentialException;
  }

  /**
   * A client's handshake. The socket's ALPN and cipher type, when set, take precedence over the
   * configuration's.
   *
   * @param deadlineNanos {@link System#nanoTime} at which the handshake fails with ETIMEDOUT
   */
  public static HandshakeResult client(
      HandshakePort port,
      ConfigSource<TlsConfig.Client> config,
      long deadlineNanos,
      HandshakeTrace trace) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** A server's handshake; as {@link #client}. */
  public static HandshakeResult server(
      HandshakePort port,
      ConfigSource<TlsConfig.Server> config,
      long deadlineNanos,
      HandshakeTrace trace) {
    throw new UnsupportedOperationException("skeleton");
  }
}
