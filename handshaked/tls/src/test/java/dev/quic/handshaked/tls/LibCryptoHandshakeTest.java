package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.TlsConfig.ClientAuth;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Handshakes with libcrypto on either end or both, and with Bouncy Castle on the other. */
class LibCryptoHandshakeTest {
  private static final LibCrypto LIBRARY = LibCrypto.open();

  static Stream<Arguments> matrix() {
    List<Arguments> all = new ArrayList<>();
    for (KeyKind kind : KeyKind.values()) {
      for (TlsGroup group : TlsGroup.values()) {
        for (int ends = 1; ends <= 3; ends++) {
          all.add(Arguments.of(kind, group, (ends & 1) != 0, (ends & 2) != 0));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("matrix")
  void bothEndsAgree(KeyKind kind, TlsGroup group, boolean clients, boolean servers) {
    TlsConfig.Client client =
        TestCertificates.client()
            .withGroups(List.of(group))
            .withCredentials(TestCertificates.CLIENT)
            .withLibcrypto(clients ? LIBRARY : null);
    TlsConfig.Server server =
        TestCertificates.serverConfig(TestCertificates.server(kind))
            .withGroups(List.of(group))
            .withClientAuth(ClientAuth.REQUIRE, TestCertificates.TRUST)
            .withLibcrypto(servers ? LIBRARY : null);
    EnginePair pair = new EnginePair(client, server).run();

    assertThat(pair.client.alert()).isNull();
    assertThat(pair.server.alert()).isNull();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.secretsAgree()).isTrue();
    pair.close();
  }

  /** A share of zeros: no secret comes of it with either. */
  @Test
  void smallOrderShareIsRefusedByBoth() {
    for (LibCrypto library : new LibCrypto[] {LIBRARY, null}) {
      EnginePair pair =
          new EnginePair(
                  TestCertificates.client().withGroups(List.of(TlsGroup.X25519)),
                  TestCertificates.serverConfig().withLibcrypto(library),
                  Integer.MAX_VALUE,
                  LibCryptoHandshakeTest::withoutShare)
              .run();
      assertThat(pair.server.alert()).isNotNull();
      assertThat(pair.server.first(TlsEvent.Alert.class).alert()).isEqualTo(47);
      assertThat(pair.server.engine.isComplete()).isFalse();
      pair.close();
    }
  }

  @Test
  void pointBesideTheCurveIsRefusedByBoth() {
    for (LibCrypto library : new LibCrypto[] {LIBRARY, null}) {
      EnginePair pair =
          new EnginePair(
                  TestCertificates.client().withGroups(List.of(TlsGroup.SECP256R1)),
                  TestCertificates.serverConfig().withLibcrypto(library),
                  Integer.MAX_VALUE,
                  LibCryptoHandshakeTest::withoutShare)
              .run();
      assertThat(pair.server.first(TlsEvent.Alert.class).alert()).isEqualTo(47);
      pair.close();
    }
  }

  /** The ClientHello with zeros in the place of its only share, but for the point's form. */
  private static List<TlsEvent.Crypto> withoutShare(TlsEvent.Crypto crypto) {
    byte[] bytes = crypto.bytes().clone();
    if (bytes[0] != 1) {
      return List.of(crypto);
    }
    int at = keyShare(bytes);
    int length = (bytes[at + 8] & 0xff) << 8 | (bytes[at + 9] & 0xff);
    int form = length == 32 ? 0 : 1;
    Arrays.fill(bytes, at + 10 + form, at + 10 + length, (byte) 0);
    return List.of(new TlsEvent.Crypto(crypto.level(), bytes));
  }

  /** Where the extension key_share begins (RFC 8446 section 4.1.2). */
  private static int keyShare(byte[] hello) {
    int at = 4 + 2 + 32;
    at += 1 + (hello[at] & 0xff);
    at += 2 + ((hello[at] & 0xff) << 8 | (hello[at + 1] & 0xff));
    at += 1 + (hello[at] & 0xff);
    at += 2;
    while (at + 4 <= hello.length) {
      if (hello[at] == 0 && hello[at + 1] == 51) {
        return at;
      }
      at += 4 + ((hello[at + 2] & 0xff) << 8 | (hello[at + 3] & 0xff));
    }
    throw new AssertionError("no key_share");
  }
}
