package dev.quic.consumer;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * {@code tls_client_hello_x509()} and its kin, for consumers inside the data plane. Any thread.
 * Submit calls return 0, or a negated errno, in which case the callback never runs: EINVAL,
 * EOPNOTSUPP (shutting down), EAGAIN (too many pending), EBUSY (the socket has or had a request),
 * ESRCH (no daemon listens).
 */
public interface TlsHandshakes {
  /** {@code tls_client_hello_anon()}: neither end is authenticated by this handshake. */
  int tlsClientHelloAnon(TlsHandshakeArgs args);

  /** {@code tls_client_hello_x509()}. */
  int tlsClientHelloX509(TlsHandshakeArgs args);

  /**
   * {@code tls_client_hello_psk()}: offers the keys of {@link TlsHandshakeArgs#myPeerids}, 1 to 5
   * of them, else EINVAL; the callback's peer id is the serial of the one that was used.
   */
  int tlsClientHelloPsk(TlsHandshakeArgs args);

  /** {@code tls_server_hello_x509()}. */
  int tlsServerHelloX509(TlsHandshakeArgs args);

  /**
   * {@code tls_server_hello_psk()}: takes the first key of {@link TlsHandshakeArgs#myPeerids}, or
   * any of the keyring; the callback's peer id is the serial of the one that was used.
   */
  int tlsServerHelloPsk(TlsHandshakeArgs args);

  /**
   * @return true when the request was pending and its callback will not run
   */
  boolean tlsHandshakeCancel(QuicSocket sock);

  /**
   * As {@link #tlsClientHelloX509}; the future fails with {@link QuicException}, cancelling it
   * cancels the request.
   */
  CompletableFuture<Integer> clientHelloX509(
      QuicSocket sock, @Nullable String peername, int timeoutMs);

  /** As {@link #tlsServerHelloX509}. */
  CompletableFuture<Integer> serverHelloX509(QuicSocket sock, int timeoutMs);
}
