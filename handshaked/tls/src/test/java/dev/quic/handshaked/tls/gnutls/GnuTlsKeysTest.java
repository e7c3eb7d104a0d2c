package dev.quic.handshaked.tls.gnutls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.ExternalPsk;
import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsGroup;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * External pre-shared keys with GnuTLS, in both roles. GnuTLS 3.7 knows keys of SHA-256 only (its
 * own for SHA-384 came with 3.8.1), so SHA-384 is left to engines of ours.
 */
@ExtendWith(GnuTlsPresent.class)
class GnuTlsKeysTest {
  private static final String IDENTITY = "somebody";

  private static byte[] key(int fill) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) fill);
    return key;
  }

  private static byte[] identity() {
    return IDENTITY.getBytes(StandardCharsets.US_ASCII);
  }

  private static ExternalPsk ours(int fill) {
    return new ExternalPsk(identity(), key(fill), ExternalPsk.Hash.SHA256);
  }

  private static TlsConfig.Client client(int fill) {
    return TlsConfig.Client.psk(List.of(ours(fill)), TestCertificates.HOST)
        .withClock(TestCertificates.CLOCK)
        .withAlpn(List.of("sample"));
  }

  private static TlsConfig.Server server(int fill) {
    return TlsConfig.Server.psk(name -> Arrays.equals(name, identity()) ? ours(fill) : null)
        .withClock(TestCertificates.CLOCK)
        .withAlpn(List.of("sample"));
  }

  private static void assertKeyUsed(EnginePair pair) {
    GnuTlsPair.assertAgree(pair);
    assertThat(GnuTlsPair.length(pair.server, GnuTlsPair.CERTIFICATE)).isZero();
    assertThat(pair.server.outcome().pskIdentity()).isEqualTo(identity());
  }

  @ParameterizedTest
  @ValueSource(ints = {51, 54})
  void ourClient(int cipher) {
    try (EnginePair pair =
        GnuTlsPair.run(
            client(1).withCipher(cipher), GnuTlsSettings.server().knownPsk(IDENTITY, key(1)))) {
      assertKeyUsed(pair);
      assertThat(pair.client.outcome().pskIdentity()).isEqualTo(identity());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {51, 54})
  void ourServer(int cipher) {
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsSettings.client().psk(identity(), key(1)).cipher(cipher), server(1))) {
      assertKeyUsed(pair);
    }
  }

  @Test
  void ourClientAfterRetry() {
    try (EnginePair pair =
        GnuTlsPair.run(
            client(1).withGroups(List.of(TlsGroup.X25519, TlsGroup.SECP256R1)),
            GnuTlsSettings.server().knownPsk(IDENTITY, key(1)).groups(TlsGroup.SECP256R1))) {
      assertKeyUsed(pair);
      assertThat(GnuTlsPair.hellos(pair)).isEqualTo(2);
    }
  }

  @Test
  void ourServerAfterRetry() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client()
                .psk(identity(), key(1))
                .groups(TlsGroup.X25519, TlsGroup.SECP256R1),
            server(1).withGroups(List.of(TlsGroup.SECP256R1)))) {
      assertKeyUsed(pair);
      assertThat(GnuTlsPair.hellos(pair)).isEqualTo(2);
    }
  }

  @Test
  void wrongKey() {
    try (EnginePair pair =
        GnuTlsPair.run(client(1), GnuTlsSettings.server().knownPsk(IDENTITY, key(2)))) {
      assertThat(pair.bothComplete()).isFalse();
      assertThat(pair.server.alert()).isNotNull();
    }
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsSettings.client().psk(identity(), key(2)), server(1))) {
      assertThat(pair.bothComplete()).isFalse();
      // RFC 8446 section 4.2.11: a binder that does not validate.
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(51);
    }
  }

  @Test
  void unknownIdentity() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().psk("nobody".getBytes(StandardCharsets.US_ASCII), key(1)),
            server(1))) {
      assertThat(pair.bothComplete()).isFalse();
      assertThat(GnuTlsPair.alert(pair.server)).isEqualTo(115);
    }
  }
}
