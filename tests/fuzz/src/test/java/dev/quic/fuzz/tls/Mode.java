package dev.quic.fuzz.tls;

import dev.quic.fuzz.SeededRandomness;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsConfig.ClientAuth;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEngines;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.TrustStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Supplier;

/** A kind of handshake: what both ends are configured with. */
record Mode(String name, Supplier<TlsEngine> client, Supplier<TlsEngine> server) {
  private static final String HOST = "server.test";
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final byte[] CLIENT_PARAMETERS = {0x01, 0x02, 0x67, 0x10};
  static final byte[] SERVER_PARAMETERS = {0x04, 0x01, 0x20};

  private static final CertificateAuthority CA;
  private static final TrustStore TRUST;
  private static final Credentials CLIENT;

  /** Every kind there is. */
  static final List<Mode> ALL;

  static {
    SeededRandomness.install();
    try {
      CA = CertificateAuthority.create("Test CA", NOW);
      TRUST = CA.trustStore();
      CLIENT = CA.client("client.test");
      ALL = List.copyOf(all());
    } catch (CredentialException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static List<Mode> all() throws CredentialException {
    TlsConfig.Client client =
        TlsConfig.Client.of(TRUST, HOST).withClock(CLOCK).withAlpn(List.of("sample", "other"));
    TlsConfig.Server p256 = server(CA.server(KeyKind.P256, List.of(HOST)));
    TlsConfig.Client shows = client.withCredentials(CLIENT);
    return List.of(
        of("certificate", client, p256),
        of("another group", client, p256.withGroups(List.of(TlsGroup.SECP256R1))),
        of("P-384", client.withGroups(List.of(TlsGroup.SECP384R1)).withCipher(52), p256),
        of("Ed25519, ChaCha20", client, server(CA.server(KeyKind.ED25519, List.of(HOST))).withCipher(54)),
        of("RSA", client, server(CA.server(KeyKind.RSA2048, List.of(HOST)))),
        of("intermediate", client, server(CA.intermediate("Test CA 2", Duration.ofDays(100)).server(HOST))),
        of("asked, shown", shows, p256.withClientAuth(ClientAuth.REQUEST, TRUST)),
        of("asked, not shown", client, p256.withClientAuth(ClientAuth.REQUEST, TRUST)),
        of("required, shown", shows, p256.withClientAuth(ClientAuth.REQUIRE, TRUST)),
        of("not verified", client.withVerify(false).withPeerName(null), p256));
  }

  private static TlsConfig.Server server(Credentials credentials) {
    return TlsConfig.Server.of(credentials).withClock(CLOCK).withAlpn(List.of("sample"));
  }

  private static Mode of(String name, TlsConfig.Client client, TlsConfig.Server server) {
    return new Mode(
        name,
        () -> TlsEngines.client(client, CLIENT_PARAMETERS),
        () -> TlsEngines.server(server));
  }

  @Override
  public String toString() {
    return name;
  }
}
