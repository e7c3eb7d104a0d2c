package dev.quic.consumer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct tls_handshake_args}: what a kernel consumer asks the handshake daemon for.
 *
 * @param sock the consumer's socket, made by this data plane
 * @param done runs exactly once when the submit call returned 0, unless cancelled
 * @param peername name the certificate must match (RFC 9525); null lets the daemon look it up
 * @param timeoutMs 0 for the data plane's default
 * @param keyring key serial, 0 for none
 * @param myCert key serial, 0 for the daemon's configured certificate
 * @param myPrivkey key serial, 0 for the daemon's configured key
 * @param myPeerids key serials of PSKs, at most 5
 */
public record TlsHandshakeArgs(
    QuicSocket sock,
    TlsDone done,
    @Nullable String peername,
    int timeoutMs,
    int keyring,
    int myCert,
    int myPrivkey,
    List<Integer> myPeerids) {
  public TlsHandshakeArgs {
    myPeerids = List.copyOf(myPeerids);
  }

  public static final int TLS_NO_KEYRING = 0;
  public static final int TLS_NO_PEERID = 0;
  public static final int TLS_NO_CERT = 0;
  public static final int TLS_NO_PRIVKEY = 0;
  public static final int TLS_MAX_PEERIDS = 5;

  /** The common case: X.509 with the daemon's own configuration. */
  public static TlsHandshakeArgs x509(
      QuicSocket sock, TlsDone done, @Nullable String peername, int timeoutMs) {
    return new TlsHandshakeArgs(
        sock, done, peername, timeoutMs, TLS_NO_KEYRING, TLS_NO_CERT, TLS_NO_PRIVKEY, List.of());
  }

  /**
   * Pre-shared keys.
   *
   * @param peerids serials of keys: a client's offer, the most wanted first; a server's one key, or
   *     none to take any of the keyring
   */
  public static TlsHandshakeArgs psk(
      QuicSocket sock, TlsDone done, int timeoutMs, int keyring, List<Integer> peerids) {
    return new TlsHandshakeArgs(
        sock, done, null, timeoutMs, keyring, TLS_NO_CERT, TLS_NO_PRIVKEY, peerids);
  }

  /** The same for another name of the peer. */
  public TlsHandshakeArgs withPeername(@Nullable String name) {
    return new TlsHandshakeArgs(sock, done, name, timeoutMs, keyring, myCert, myPrivkey, myPeerids);
  }
}
