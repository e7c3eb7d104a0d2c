package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.TrustStore;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One authority for all tests of a run, at a fixed time. */
public final class TestCertificates {
  public static final String HOST = "server.test";
  public static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  public static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  public static final CertificateAuthority CA;
  public static final CertificateAuthority OTHER_CA;
  public static final Credentials SERVER;
  public static final Credentials EXPIRED;
  public static final Credentials CLIENT;
  public static final TrustStore TRUST;
  private static final Map<KeyKind, Credentials> BY_KIND = new EnumMap<>(KeyKind.class);

  static {
    try {
      CA = CertificateAuthority.create("Test CA", NOW);
      OTHER_CA = CertificateAuthority.create("Test CA", NOW);
      SERVER = CA.server(HOST, "127.0.0.1", "::1");
      EXPIRED = CA.expiredServer(HOST);
      CLIENT = CA.client("client.test");
      TRUST = CA.trustStore();
      for (KeyKind kind : KeyKind.values()) {
        BY_KIND.put(kind, CA.server(kind, List.of(HOST)));
      }
    } catch (CredentialException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private TestCertificates() {}

  public static Credentials server(KeyKind kind) {
    return Objects.requireNonNull(BY_KIND.get(kind));
  }

  public static TlsConfig.Client client() {
    return TlsConfig.Client.of(TRUST, HOST).withClock(CLOCK).withAlpn(List.of("sample"));
  }

  public static TlsConfig.Server serverConfig() {
    return serverConfig(SERVER);
  }

  public static TlsConfig.Server serverConfig(Credentials credentials) {
    return TlsConfig.Server.of(credentials).withClock(CLOCK).withAlpn(List.of("sample"));
  }
}
