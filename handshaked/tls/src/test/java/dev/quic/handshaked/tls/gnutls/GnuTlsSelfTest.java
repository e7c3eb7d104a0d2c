package dev.quic.handshaked.tls.gnutls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsGroup;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GnuTLS with itself: shows that the binding is right, so that other tests blame the right end. */
@ExtendWith(GnuTlsPresent.class)
class GnuTlsSelfTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 51, 52, 54})
  void certificate(int cipher) {
    try (EnginePair pair =
        GnuTlsPair.run(GnuTlsSettings.client().cipher(cipher), GnuTlsSettings.server())) {
      GnuTlsPair.assertAgree(pair);
      assertThat(pair.server.outcome().serverName()).isEqualTo(TestCertificates.HOST);
    }
  }

  @Test
  void mutual() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().credentials(TestCertificates.CLIENT),
            GnuTlsSettings.server().requireCertificate(TestCertificates.CA.certificate()))) {
      GnuTlsPair.assertAgree(pair);
      assertThat(pair.server.outcome().peerCertificates()).hasSize(1);
    }
  }

  @Test
  void helloRetryRequest() {
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().groups(TlsGroup.SECP384R1, TlsGroup.X25519),
            GnuTlsSettings.server().groups(TlsGroup.X25519))) {
      GnuTlsPair.assertAgree(pair);
      assertThat(GnuTlsPair.hellos(pair)).isEqualTo(2);
    }
  }

  @Test
  void externalPsk() {
    byte[] key = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    byte[] identity = "somebody".getBytes(StandardCharsets.US_ASCII);
    try (EnginePair pair =
        GnuTlsPair.run(
            GnuTlsSettings.client().psk(identity, key),
            GnuTlsSettings.server().knownPsk("somebody", key))) {
      GnuTlsPair.assertAgree(pair);
      assertThat(GnuTlsPair.length(pair.server, 11)).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {51, 52})
  void resumptionWithEarlyData(int cipher) {
    byte[] ticketKey = GnuTlsEngine.newTicketKey();
    try (GnuTlsReplayGuard guard = new GnuTlsReplayGuard()) {
      byte[] session;
      try (EnginePair pair =
          GnuTlsPair.run(
              GnuTlsSettings.client().cipher(cipher),
              GnuTlsSettings.server().tickets(ticketKey).earlyData(guard))) {
        GnuTlsPair.assertAgree(pair);
        assertThat(pair.client.has(TlsEvent.Ticket.class)).isTrue();
        session = Objects.requireNonNull(GnuTlsPair.gnutls(pair.client).session());
      }
      try (EnginePair pair =
          GnuTlsPair.run(
              GnuTlsSettings.client().cipher(cipher).session(session).earlyData(),
              GnuTlsSettings.server().tickets(ticketKey).earlyData(guard))) {
        GnuTlsPair.assertAgree(pair);
        assertThat(GnuTlsPair.length(pair.server, 11)).as("no Certificate").isZero();
        assertThat(GnuTlsPair.gnutls(pair.client).resumed()).isTrue();
        assertThat(GnuTlsPair.gnutls(pair.server).earlyDataAccepted()).isTrue();
        assertThat(GnuTlsPair.gnutls(pair.client).earlyDataAccepted()).isTrue();
        assertThat(pair.client.secrets.get("EARLY send"))
            .isNotNull()
            .isEqualTo(pair.server.secrets.get("EARLY recv"));
      }
    }
  }
}
