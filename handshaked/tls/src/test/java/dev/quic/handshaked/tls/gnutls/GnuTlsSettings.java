package dev.quic.handshaked.tls.gnutls;

import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.Credentials;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a GnuTLS peer is told before it starts. Mutable, so that a test writes only what it is
 * about; not used any more once its engine is made.
 */
public final class GnuTlsSettings {
  /** A pre-shared key of a client's. */
  record Psk(byte[] identity, byte[] key) {}

  final boolean client;
  List<String> alpn = List.of("sample");
  int cipher;
  List<TlsGroup> groups = List.of(TlsGroup.values());
  @Nullable Credentials credentials;
  @Nullable X509Certificate trust;
  @Nullable String peerName;
  boolean requestCertificate;
  boolean requireCertificate;
  @Nullable Psk psk;
  final Map<String, byte[]> knownPsks = new TreeMap<>();
  boolean pskOnly;
  byte @Nullable [] session;
  byte @Nullable [] ticketKey;
  @Nullable GnuTlsReplayGuard earlyData;
  boolean offerEarlyData;
  byte[] transportParameters;

  private GnuTlsSettings(boolean client, byte[] transportParameters) {
    this.client = client;
    this.transportParameters = transportParameters;
  }

  /** A client that trusts the tests' authority and looks for the tests' host. */
  public static GnuTlsSettings client() {
    GnuTlsSettings settings =
        new GnuTlsSettings(true, dev.quic.handshaked.tls.EnginePair.clientParameters());
    settings.trust = TestCertificates.CA.certificate();
    settings.peerName = TestCertificates.HOST;
    return settings;
  }

  /** A server with the tests' P-256 certificate. */
  public static GnuTlsSettings server() {
    GnuTlsSettings settings =
        new GnuTlsSettings(false, dev.quic.handshaked.tls.EnginePair.serverParameters());
    settings.credentials = TestCertificates.SERVER;
    return settings;
  }

  public GnuTlsSettings alpn(String... names) {
    alpn = List.of(names);
    return this;
  }

  /**
   * @param type {@code TLS_CIPHER_*}: 51, 52, 54, or 0 for all
   */
  public GnuTlsSettings cipher(int type) {
    cipher = type;
    return this;
  }

  /** The most wanted first; a client sends a share for the first. */
  public GnuTlsSettings groups(TlsGroup... wanted) {
    groups = List.of(wanted);
    return this;
  }

  public GnuTlsSettings credentials(@Nullable Credentials own) {
    credentials = own;
    return this;
  }

  /** The one anchor of the peer's chain; null does not look at the peer's certificate. */
  public GnuTlsSettings trust(@Nullable X509Certificate anchor) {
    trust = anchor;
    return this;
  }

  /** The name a client sends as SNI and wants to see in the certificate. */
  public GnuTlsSettings peerName(@Nullable String name) {
    peerName = name;
    return this;
  }

  /** A server asks for a certificate, which it does not look at, and goes on without one, too. */
  public GnuTlsSettings requestCertificate(X509Certificate anchor) {
    trust = anchor;
    requestCertificate = true;
    return this;
  }

  /** A server asks for a certificate and goes on only with one. */
  public GnuTlsSettings requireCertificate(X509Certificate anchor) {
    trust = anchor;
    requireCertificate = true;
    return this;
  }

  /** A client offers this key and no certificate exchange. */
  public GnuTlsSettings psk(byte[] identity, byte[] key) {
    psk = new Psk(identity.clone(), key.clone());
    pskOnly = true;
    return this;
  }

  /** A server knows this key, and accepts nothing but keys. */
  public GnuTlsSettings knownPsk(String identity, byte[] key) {
    knownPsks.put(identity, key.clone());
    pskOnly = true;
    return this;
  }

  /** A client resumes what {@link GnuTlsEngine#session()} gave. */
  public GnuTlsSettings session(byte[] data) {
    session = data.clone();
    return this;
  }

  /** A server sends tickets under this key and accepts them. */
  public GnuTlsSettings tickets(byte[] key) {
    ticketKey = key.clone();
    return this;
  }

  /** A server accepts early data. */
  public GnuTlsSettings earlyData(GnuTlsReplayGuard guard) {
    earlyData = Objects.requireNonNull(guard);
    return this;
  }

  /** A client offers early data when it resumes. */
  public GnuTlsSettings earlyData() {
    offerEarlyData = true;
    return this;
  }

  /** The priority string: TLS 1.3 only, without change_cipher_spec (RFC 9001 section 8.4). */
  String priority() {
    StringBuilder text = new StringBuilder("NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL");
    switch (cipher) {
      case 51 -> text.append(":+AES-128-GCM");
      case 52 -> text.append(":+AES-256-GCM");
      case 54 -> text.append(":+CHACHA20-POLY1305");
      default -> text.append(":+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305");
    }
    text.append(":-GROUP-ALL");
    for (TlsGroup group : groups) {
      text.append(
          switch (group.codePoint()) {
            case 0x1d -> ":+GROUP-X25519";
            case 0x17 -> ":+GROUP-SECP256R1";
            case 0x18 -> ":+GROUP-SECP384R1";
            // GnuTLS 3.7 has no hybrid.
            default -> "";
          });
    }
    if (pskOnly) {
      text.append(":-KX-ALL:+ECDHE-PSK");
    }
    return text.append(":%DISABLE_TLS13_COMPAT_MODE").toString();
  }
}
