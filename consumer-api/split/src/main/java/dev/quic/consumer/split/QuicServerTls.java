package dev.quic.consumer.split;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What a server brings to {@link QuicHandshake#server}. Immutable; every {@code with} gives a new
 * value. Clients are not asked for a certificate unless {@link #withClientTrustFile} or {@link
 * #withClientTrustAnchors} says whom to trust.
 */
public final class QuicServerTls {
  /** Whether a client must show a certificate. */
  public enum ClientAuth {
    NONE,
    REQUEST,
    REQUIRE
  }

  private final TlsIdentity identity;
  private final TlsTrust trust;
  private final ClientAuth clientAuth;
  private final List<String> alpn;
  private final int cipher;
  private final Duration timeout;

  private QuicServerTls(
      TlsIdentity identity,
      TlsTrust trust,
      ClientAuth clientAuth,
      List<String> alpn,
      int cipher,
      Duration timeout) {
    this.identity = identity;
    this.trust = trust;
    this.clientAuth = clientAuth;
    this.alpn = alpn;
    this.cipher = cipher;
    this.timeout = timeout;
  }

  private static QuicServerTls first(TlsIdentity identity, String... alpn) {
    return new QuicServerTls(
        identity,
        TlsTrust.SYSTEM,
        ClientAuth.NONE,
        List.of(alpn),
        0,
        QuicHandshake.DEFAULT_TIMEOUT);
  }

  /**
   * A server with PEM files, read anew for each handshake, so that renewed ones are picked up.
   *
   * @param alpn protocols served, best first; none leaves the choice to the socket's own ALPN
   *     option
   */
  public static QuicServerTls of(Path chain, Path privateKey, String... alpn) {
    return first(TlsIdentity.files(chain, privateKey), alpn);
  }

  /** A server with a certificate chain (leaf first) and its key. */
  public static QuicServerTls of(
      List<X509Certificate> chain, PrivateKey privateKey, String... alpn) {
    return first(TlsIdentity.of(chain, privateKey), alpn);
  }

  /** Asks clients for a certificate of the authorities of a PEM bundle. */
  public QuicServerTls withClientTrustFile(Path pem, ClientAuth auth) {
    return copy(TlsTrust.file(pem), auth, cipher, timeout);
  }

  /** Asks clients for a certificate of these authorities. */
  public QuicServerTls withClientTrustAnchors(List<X509Certificate> anchors, ClientAuth auth) {
    return copy(TlsTrust.anchors(anchors), auth, cipher, timeout);
  }

  /**
   * Accepts a single cipher suite.
   *
   * @param type TLS_CIPHER_AES_GCM_128 (51), TLS_CIPHER_AES_GCM_256 (52) or
   *     TLS_CIPHER_CHACHA20_POLY1305 (54); 0 for the socket's CONFIG option, else all of them
   */
  public QuicServerTls withCipher(int type) {
    return copy(trust, clientAuth, type, timeout);
  }

  /** Time the whole handshake may take; {@link QuicHandshake#DEFAULT_TIMEOUT} unless set. */
  public QuicServerTls withTimeout(Duration limit) {
    return copy(trust, clientAuth, cipher, Objects.requireNonNull(limit));
  }

  private QuicServerTls copy(TlsTrust t, ClientAuth auth, int cipherType, Duration limit) {
    return new QuicServerTls(identity, t, auth, alpn, cipherType, limit);
  }

  TlsIdentity identity() {
    return identity;
  }

  TlsTrust trust() {
    return trust;
  }

  ClientAuth clientAuth() {
    return clientAuth;
  }

  List<String> alpn() {
    return alpn;
  }

  int cipher() {
    return cipher;
  }

  Duration timeout() {
    return timeout;
  }
}
