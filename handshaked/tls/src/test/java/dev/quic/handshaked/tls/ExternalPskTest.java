package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.TicketIssuer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys agreed on outside TLS (RFC 8446 section 4.2.11, with psk_dhe_ke). */
class ExternalPskTest {
  private static final int CERTIFICATE = 11;
  private static final int CERTIFICATE_REQUEST = 13;

  private static ExternalPsk psk(String identity, int fill, ExternalPsk.Hash hash) {
    byte[] key = new byte[hash == ExternalPsk.Hash.SHA384 ? 48 : 32];
    Arrays.fill(key, (byte) fill);
    return new ExternalPsk(identity.getBytes(StandardCharsets.UTF_8), key, hash);
  }

  private static ExternalPsk psk(String identity, int fill) {
    return psk(identity, fill, ExternalPsk.Hash.SHA256);
  }

  /** A directory of keys; the engine wipes what it is given. */
  private static PskLookup lookup(ExternalPsk... keys) {
    Map<String, ExternalPsk> byName = new java.util.HashMap<>();
    for (ExternalPsk key : keys) {
      byName.put(new String(key.identity(), StandardCharsets.UTF_8), key);
    }
    return identity -> {
      ExternalPsk found = byName.get(new String(identity, StandardCharsets.UTF_8));
      return found == null ? null : found.copy();
    };
  }

  private static TlsConfig.Client client(ExternalPsk... keys) {
    return TlsConfig.Client.psk(List.of(keys), null)
        .withClock(TestCertificates.CLOCK)
        .withAlpn(List.of("sample"));
  }

  private static TlsConfig.Server server(ExternalPsk... keys) {
    return TlsConfig.Server.psk(lookup(keys))
        .withClock(TestCertificates.CLOCK)
        .withAlpn(List.of("sample"));
  }

  private static void assertAgreed(EnginePair pair, @Nullable String identity) {
    assertThat(pair.client.alert()).isNull();
    assertThat(pair.server.alert()).isNull();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.secretsAgree()).isTrue();
    for (EnginePair.End end : List.of(pair.client, pair.server)) {
      assertThat(end.outcome().resumed()).isFalse();
      assertThat(end.outcome().pskIdentity())
          .isEqualTo(identity == null ? null : identity.getBytes(StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @EnumSource(ExternalPsk.Hash.class)
  void bothHashes(ExternalPsk.Hash hash) {
    EnginePair pair = new EnginePair(client(psk("us", 1, hash)), server(psk("us", 1, hash))).run();
    assertAgreed(pair, "us");
    assertThat(pair.client.outcome().cipher() == 52).isEqualTo(hash == ExternalPsk.Hash.SHA384);
    assertThat(pair.server.sent(CERTIFICATE)).isFalse();
    assertThat(pair.server.sent(CERTIFICATE_REQUEST)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {51, 54})
  void cipherOfTheKeysHash(int cipher) {
    EnginePair pair =
        new EnginePair(client(psk("us", 1)).withCipher(cipher), server(psk("us", 1))).run();
    assertAgreed(pair, "us");
    assertThat(pair.client.outcome().cipher()).isEqualTo(cipher);
  }

  @Test
  void serverTakesTheOneItKnows() {
    ExternalPsk wide = psk("third", 3, ExternalPsk.Hash.SHA384);
    EnginePair pair =
        new EnginePair(client(psk("first", 1), psk("second", 2), wide), server(wide)).run();
    assertAgreed(pair, "third");
  }

  @Test
  void afterRetry() {
    EnginePair pair =
        new EnginePair(
                client(psk("us", 1)), server(psk("us", 1)).withGroups(List.of(TlsGroup.SECP384R1)))
            .run();
    assertAgreed(pair, "us");
  }

  @Test
  void wrongKey() {
    EnginePair pair = new EnginePair(client(psk("us", 1)), server(psk("us", 2))).run();
    TlsEvent.Alert alert = Objects.requireNonNull(pair.server.alert());
    assertThat(alert.alert()).as(alert.reason()).isEqualTo(51);
    assertThat(pair.server.has(TlsEvent.Complete.class)).isFalse();
  }

  @Test
  void unknownIdentity() {
    EnginePair pair = new EnginePair(client(psk("me\n", 1)), server(psk("us", 1))).run();
    TlsEvent.Alert alert = Objects.requireNonNull(pair.server.alert());
    assertThat(alert.alert()).isEqualTo(115);
    assertThat(alert.reason()).contains("'me?'");
  }

  @Test
  void keyOfTheOtherHashDoesNotFit() {
    EnginePair pair =
        new EnginePair(client(psk("us", 1)), server(psk("us", 1, ExternalPsk.Hash.SHA384))).run();
    // The client's suites have both hashes: the server picks its key's, and the binder is wrong.
    assertThat(pair.server.alert()).isNotNull();
    assertThat(pair.bothComplete()).isFalse();
  }

  @Test
  void certificateInsteadIsRefused() {
    EnginePair pair = new EnginePair(client(psk("us", 1)), TestCertificates.serverConfig()).run();
    TlsEvent.Alert alert = Objects.requireNonNull(pair.client.alert());
    assertThat(alert.alert()).as(alert.reason()).isEqualTo(115);
    assertThat(alert.reason()).contains("none of our pre-shared keys");
  }

  @Test
  void serverWithoutCertificatesRefusesOthers() {
    EnginePair pair = new EnginePair(TestCertificates.client(), server(psk("us", 1))).run();
    assertThat(Objects.requireNonNull(pair.server.alert()).reason())
        .contains("offers no pre-shared key");
  }

  @Test
  void noTicketForAnExternalKey() {
    TicketIssuer issuer =
        TicketIssuer.of(
            RotatingTicketKeys.random(TestCertificates.CLOCK, Duration.ofHours(1)),
            Duration.ofHours(1));
    EnginePair pair =
        new EnginePair(client(psk("us", 1)), server(psk("us", 1)).withTickets(issuer)).run();
    assertAgreed(pair, "us");
    assertThat(pair.client.has(TlsEvent.Ticket.class)).isFalse();
  }

  @Test
  void keysAreNotPrinted() {
    assertThat(psk("us", 1).toString()).doesNotContain("1, 1").contains("us");
    assertThat(client(psk("us", 1)).toString()).doesNotContain("1, 1");
  }
}
