package dev.quic.handshaked.daemon.service;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What ACCEPT gave.
 *
 * @param grant to be closed by whoever took the request
 * @param messageType {@link #CLIENT_HELLO} or {@link #SERVER_HELLO}
 * @param authMode {@link #AUTH_UNAUTH}, {@link #AUTH_PSK} or {@link #AUTH_X509}
 * @param timeoutMs 0 when the consumer gave none
 * @param peername the consumer's name for the peer
 * @param keyring serial of the keyring to look in, 0 for none
 * @param certificate serial of the certificate to show, 0 for the configured one
 * @param privateKey serial of its key, 0 for the configured one
 * @param peerIds serials of pre-shared keys, the most wanted first; none is 0
 */
public record HandshakeRequest(
    Grant grant,
    int messageType,
    int authMode,
    long timeoutMs,
    @Nullable String peername,
    int keyring,
    int certificate,
    int privateKey,
    List<Integer> peerIds) {
  public static final int CLIENT_HELLO = 1;
  public static final int SERVER_HELLO = 2;
  public static final int AUTH_UNAUTH = 1;
  public static final int AUTH_PSK = 2;
  public static final int AUTH_X509 = 3;

  public HandshakeRequest {
    peerIds = peerIds.stream().filter(id -> id != 0).toList();
  }

  /** A request that names no keys. */
  public HandshakeRequest(
      Grant grant, int messageType, int authMode, long timeoutMs, @Nullable String peername) {
    this(grant, messageType, authMode, timeoutMs, peername, 0, 0, 0, List.of());
  }
}
