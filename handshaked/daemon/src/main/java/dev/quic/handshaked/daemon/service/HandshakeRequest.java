package dev.quic.handshaked.daemon.service;

import org.jspecify.annotations.Nullable;

/**
 * What ACCEPT gave.
 *
 * @param grant to be closed by whoever took the request
 * @param messageType {@link #CLIENT_HELLO} or {@link #SERVER_HELLO}
 * @param authMode {@link #AUTH_UNAUTH}, {@link #AUTH_PSK} or {@link #AUTH_X509}
 * @param timeoutMs 0 when the consumer gave none
 * @param peername the consumer's name for the peer
 * @param namesKeys whether the request names a certificate or key by serial
 */
public record HandshakeRequest(
    Grant grant,
    int messageType,
    int authMode,
    long timeoutMs,
    @Nullable String peername,
    boolean namesKeys) {
  public static final int CLIENT_HELLO = 1;
  public static final int SERVER_HELLO = 2;
  public static final int AUTH_UNAUTH = 1;
  public static final int AUTH_PSK = 2;
  public static final int AUTH_X509 = 3;
}
