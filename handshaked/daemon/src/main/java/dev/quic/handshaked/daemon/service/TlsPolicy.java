package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.daemon.config.DaemonConfig;
import dev.quic.handshaked.daemon.config.KeyLocation;
import dev.quic.handshaked.daemon.config.KeySettings;
import dev.quic.handshaked.daemon.credential.CredentialCache;
import dev.quic.handshaked.daemon.credential.RevocationCheck;
import dev.quic.handshaked.daemon.keys.KeySource;
import dev.quic.handshaked.daemon.keys.KeySources;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.handshaked.tls.HandshakeResult;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.TrustStore;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request is allowed and configured with: the rules that tie tlshd's configuration to TLS.
 * Any thread.
 */
public final class TlsPolicy {
  /** RFC 8446 section 6. */
  static final int ALERT_CERTIFICATE_REVOKED = 44;

  /** REMOTE_AUTH of a client whose certificate was verified: no key serial stands for it. */
  static final int VERIFIED_WITHOUT_SERIAL = 0xffffffff;

  private static final int CONNECTION_CLOSE_BYTES = 72;

  /** The place of keys in force, which remembers where a peer's certificate was last. */
  private record Keys(KeySettings settings, KeySource source) {}

  private final CredentialCache files;
  private volatile @Nullable Keys keys;

  public TlsPolicy(CredentialCache files) {
    this.files = files;
  }

  /**
   * Why a request is not even tried, or why its end is not good.
   *
   * @param status positive errno
   */
  record Refusal(int status, String reason) {}

  @Nullable Refusal refusal(HandshakeRequest request) {
    boolean client = request.messageType() == HandshakeRequest.CLIENT_HELLO;
    if (!client && request.messageType() != HandshakeRequest.SERVER_HELLO) {
      return new Refusal(
          Errno.EOPNOTSUPP, "message type " + request.messageType() + " is not supported");
    }
    return switch (request.authMode()) {
      case HandshakeRequest.AUTH_X509 -> null;
      case HandshakeRequest.AUTH_UNAUTH ->
          client ? null : new Refusal(Errno.EOPNOTSUPP, "a server cannot be anonymous");
      case HandshakeRequest.AUTH_PSK ->
          client && request.peerIds().isEmpty()
              ? new Refusal(Errno.ENOKEY, "the request names no pre-shared key")
              : null;
      default ->
          new Refusal(
              Errno.EOPNOTSUPP, "authentication mode " + request.authMode() + " is not supported");
    };
  }

  /** The keys a request names. Nothing is read yet; the worker's thread closes them. */
  RequestKeys keys(HandshakeRequest request, DaemonConfig config) {
    return new RequestKeys(
        request, source(config.keys()), config.keyrings(), config.keys().peers());
  }

  /** The same for as long as the settings are: requests share what it remembers. */
  KeySource source(KeySettings settings) {
    Keys known = keys;
    if (known == null || !known.settings.equals(settings)) {
      known = new Keys(settings, KeySources.of(settings));
      keys = known;
    }
    return known.source;
  }

  /**
   * @param name what the certificate must be for; null only for an anonymous handshake and for one
   *     by a pre-shared key, where it is but the SNI
   */
  TlsConfig.Client client(
      HandshakeRequest request, DaemonConfig config, @Nullable String name, RequestKeys keys)
      throws CredentialException {
    return switch (request.authMode()) {
      // As tlshd: neither shows a certificate nor looks at the server's.
      case HandshakeRequest.AUTH_UNAUTH ->
          TlsConfig.Client.of(TrustStore.of(List.of()), name).withVerify(false);
      case HandshakeRequest.AUTH_PSK -> TlsConfig.Client.psk(keys.offered(), name);
      default ->
          TlsConfig.Client.of(files.trust(config.client().truststore()), name)
              .withCredentials(own(config.client(), keys))
              .withWholeChain(config.client().crl() != null);
    };
  }

  /** Whether clients are asked for a certificate is the socket's to say; whom to trust, ours. */
  TlsConfig.Server server(HandshakeRequest request, DaemonConfig config, RequestKeys keys)
      throws CredentialException {
    if (request.authMode() == HandshakeRequest.AUTH_PSK) {
      return TlsConfig.Server.psk(keys.lookup());
    }
    DaemonConfig.Credentials role = config.server();
    Credentials own = own(role, keys);
    if (own == null) {
      throw new CredentialException("[authenticate.server] x509.certificate is not configured");
    }
    TrustStore trust = files.trust(role.truststore());
    TlsConfig.ClientAuth nobodyYet = TlsConfig.ClientAuth.NONE;
    if (keys.namesCertificate()) {
      return TlsConfig.Server.of(own).withClientAuth(nobodyYet, trust);
    }
    Credentials second = pair(role.pqCertificate(), role.pqPrivateKey());
    return TlsConfig.Server.of(StapledResponse.with(own, role.ocsp()))
        .withClientAuth(nobodyYet, trust)
        .withAlternatives(second == null ? List.of() : List.of(second));
  }

  /** What the request names goes before what the configuration does, each by itself. */
  private @Nullable Credentials own(DaemonConfig.Credentials role, RequestKeys keys)
      throws CredentialException {
    KeyLocation certificate = role.certificate();
    KeyLocation key = role.privateKey();
    if (!keys.namesCertificate()) {
      return pair(certificate, key);
    }
    return keys.credentials(
        () -> certificate == null ? null : files.chain(certificate),
        () -> key == null ? null : files.key(key));
  }

  private @Nullable Credentials pair(@Nullable KeyLocation certificate, @Nullable KeyLocation key)
      throws CredentialException {
    return certificate == null || key == null ? null : files.credentials(certificate, key);
  }

  /** Looks the verified peer up in the configured revocation lists. */
  @Nullable Refusal revocation(
      HandshakeRequest request, DaemonConfig config, HandshakeResult result) {
    boolean client = request.messageType() == HandshakeRequest.CLIENT_HELLO;
    DaemonConfig.Credentials role = client ? config.client() : config.server();
    Path crl = role.crl();
    if (crl == null
        || result.peerCertificates().isEmpty()
        || request.authMode() != HandshakeRequest.AUTH_X509) {
      return null;
    }
    try {
      String reason =
          RevocationCheck.refusal(
              crl,
              result.peerCertificates(),
              files.trust(role.truststore()).certificates(),
              Clock.systemUTC());
      return reason == null ? null : new Refusal(Errno.EACCES, reason);
    } catch (CredentialException e) {
      return new Refusal(Errno.ENOKEY, String.valueOf(e.getMessage()));
    }
  }

  /**
   * What REMOTE_AUTH reports of a success; empty is TLS_NO_PEERID.
   *
   * @param peer the peer's name, or its address if it has none
   * @throws CredentialException when no key can be made of the peer's certificate
   */
  List<Integer> peerIds(
      HandshakeRequest request, HandshakeResult result, RequestKeys keys, String peer)
      throws CredentialException {
    if (request.authMode() == HandshakeRequest.AUTH_PSK) {
      return keys.used(result.pskIdentity());
    }
    // Nobody looked at the certificate of an anonymous handshake.
    boolean verified = request.authMode() == HandshakeRequest.AUTH_X509;
    if (!verified || result.peerCertificates().isEmpty()) {
      return List.of();
    }
    // A server's consumer takes any number but 0 for "mutually authenticated".
    return request.messageType() == HandshakeRequest.SERVER_HELLO
        ? List.of(VERIFIED_WITHOUT_SERIAL)
        : keys.keepPeer(peer, result.peerCertificates().getFirst());
  }

  /** Has the connection closed with a TLS alert (RFC 9001 section 4.8). */
  void closeWith(HandshakePort port, int alert) {
    byte[] close = new byte[CONNECTION_CLOSE_BYTES];
    ByteBuffer.wrap(close)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(QuicUapi.QUIC_TRANSPORT_ERROR_CRYPTO + alert);
    try {
      port.setOption(QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, close);
    } catch (IOException e) {
      // The connection is gone already; DONE carries the errno all the same.
      return;
    }
  }
}
