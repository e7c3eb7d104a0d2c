package dev.quic.consumer.split;

import dev.quic.consumer.session.QuicSession;
import dev.quic.handshaked.tls.TlsConfig;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a client brings to {@link QuicHandshake#client}. Immutable; every {@code with} gives a new
 * value. The server's chain and its name (RFC 9525) are checked unless {@link #insecure} was asked
 * for, against {@link #withTrustFile}, {@link #withTrustAnchors}, or else the system's trust store.
 */
public final class QuicClientTls {
  private final TlsIdentity identity;
  private final TlsTrust trust;
  private final List<String> alpn;
  private final @Nullable String serverName;
  private final int cipher;
  private final Duration timeout;
  private final ClientResumption resumption;

  private QuicClientTls(
      TlsIdentity identity,
      TlsTrust trust,
      List<String> alpn,
      @Nullable String serverName,
      int cipher,
      Duration timeout,
      ClientResumption resumption) {
    this.identity = identity;
    this.trust = trust;
    this.alpn = alpn;
    this.serverName = serverName;
    this.cipher = cipher;
    this.timeout = timeout;
    this.resumption = resumption;
  }

  /**
   * A client of one server.
   *
   * @param serverName DNS name or IP address the certificate must be for; a DNS name is also sent
   *     as SNI. Null only together with {@link #insecure}
   * @param alpn protocols offered, best first; none leaves the choice to the socket's own ALPN
   *     option
   */
  public static QuicClientTls of(@Nullable String serverName, String... alpn) {
    return new QuicClientTls(
        TlsIdentity.NONE,
        TlsTrust.SYSTEM,
        List.of(alpn),
        serverName,
        0,
        QuicHandshake.DEFAULT_TIMEOUT,
        ClientResumption.NONE);
  }

  /** Trusts the authorities of a PEM bundle, and no others. Read when the handshake starts. */
  public QuicClientTls withTrustFile(Path pem) {
    return copy(identity, TlsTrust.file(pem), cipher, timeout);
  }

  /** Trusts these authorities, and no others. */
  public QuicClientTls withTrustAnchors(List<X509Certificate> anchors) {
    return copy(identity, TlsTrust.anchors(anchors), cipher, timeout);
  }

  /** Takes any certificate for any name: for tests only. */
  public QuicClientTls insecure() {
    return copy(identity, TlsTrust.INSECURE, cipher, timeout);
  }

  /**
   * Shows a certificate when the server asks for one. PEM files, read when the handshake starts.
   */
  public QuicClientTls withCertificate(Path chain, Path privateKey) {
    return copy(TlsIdentity.files(chain, privateKey), trust, cipher, timeout);
  }

  /** Shows a certificate when the server asks for one, leaf first. */
  public QuicClientTls withCertificate(List<X509Certificate> chain, PrivateKey privateKey) {
    return copy(TlsIdentity.of(chain, privateKey), trust, cipher, timeout);
  }

  /**
   * Authenticates with pre-shared keys and nothing else: a server that shows a certificate instead
   * is refused. The server name is but the SNI then, and may be null.
   *
   * @param keys 1 to 5, the most wanted first; they stay the caller's
   */
  public QuicClientTls withPsk(List<QuicPsk> keys) {
    if (keys.size() > TlsConfig.Client.MAX_PSKS) {
      throw new IllegalArgumentException("at most " + TlsConfig.Client.MAX_PSKS + " keys");
    }
    return copy(new TlsIdentity.PreShared(keys), trust, cipher, timeout);
  }

  /**
   * Offers a single cipher suite.
   *
   * @param type TLS_CIPHER_AES_GCM_128 (51), TLS_CIPHER_AES_GCM_256 (52) or
   *     TLS_CIPHER_CHACHA20_POLY1305 (54); 0 for the socket's CONFIG option, else all of them
   */
  public QuicClientTls withCipher(int type) {
    return copy(identity, trust, type, timeout);
  }

  /** Time the whole handshake may take; {@link QuicHandshake#DEFAULT_TIMEOUT} unless set. */
  public QuicClientTls withTimeout(Duration limit) {
    return copy(identity, trust, cipher, Objects.requireNonNull(limit));
  }

  /**
   * Resumes an earlier connection, if the server agrees and the session fits the rest of the
   * configuration; else the handshake is a full one. Sessions come from {@link
   * QuicHandshakeResult#session}.
   *
   * @param session remains the caller's to wipe, after the handshake; null for none
   */
  public QuicClientTls withSession(@Nullable QuicSession session) {
    return copy(resumption.withSession(session));
  }

  /**
   * Offers early data where the session allows it, see {@link QuicHandshake#prepareEarlyData}. Not
   * by default: early data can be replayed by whoever records it, and must be harmless when it is
   * (RFC 8446 section 8).
   */
  public QuicClientTls withEarlyData(boolean offer) {
    return copy(resumption.withEarlyData(offer));
  }

  /**
   * Appends the connection's secrets, in NSS key log format, to the file that the environment
   * variable {@code SSLKEYLOGFILE} names, for Wireshark and its kin; without the variable, nothing.
   * Off by default.
   */
  public QuicClientTls withKeyLog(boolean on) {
    return copy(resumption.withKeyLog(on));
  }

  /**
   * The QUIC version of the connection that the session is from. A server takes its ticket in that
   * version alone (RFC 9369 section 5), so a socket should begin with it: CONFIG's version.
   *
   * @return 0 without a session that may still be tried, or where it does not tell
   */
  public int sessionVersion() {
    return resumption.quicVersion();
  }

  private QuicClientTls copy(TlsIdentity id, TlsTrust t, int cipherType, Duration limit) {
    return new QuicClientTls(id, t, alpn, serverName, cipherType, limit, resumption);
  }

  private QuicClientTls copy(ClientResumption changed) {
    return new QuicClientTls(identity, trust, alpn, serverName, cipher, timeout, changed);
  }

  TlsIdentity identity() {
    return identity;
  }

  TlsTrust trust() {
    return trust;
  }

  List<String> alpn() {
    return alpn;
  }

  @Nullable String serverName() {
    return serverName;
  }

  int cipher() {
    return cipher;
  }

  Duration timeout() {
    return timeout;
  }

  ClientResumption resumption() {
    return resumption;
  }
}
