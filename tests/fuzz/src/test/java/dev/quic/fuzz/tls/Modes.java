package dev.quic.fuzz.tls;

import dev.quic.fuzz.SeededRandomness;
import dev.quic.handshaked.tls.ExternalPsk;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsConfig.ClientAuth;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.TrustStore;
import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Every kind of handshake there is, with keys made once. */
final class Modes {
  private static final String HOST = "server.test";
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final List<TlsGroup> RETRIED = List.of(TlsGroup.SECP256R1);
  private static final List<TlsGroup> CHEAP = List.of(TlsGroup.X25519, TlsGroup.SECP256R1);

  /** Takes every first flight, so that no seed depends on another. */
  private static final ReplayGuard CREDULOUS =
      new ReplayGuard() {
        @Override
        public long id() {
          return 7;
        }

        @Override
        public long windowMillis() {
          return 10_000;
        }

        @Override
        public boolean firstSeen(byte[] unique, long nowMillis) {
          return true;
        }
      };

  static final List<Mode> ALL;
  private static final int TOTAL;

  static {
    SeededRandomness.install();
    try {
      ALL = List.copyOf(new Modes().all());
    } catch (CredentialException e) {
      throw new ExceptionInInitializerError(e);
    }
    TOTAL = ALL.stream().mapToInt(Mode::weight).sum();
  }

  private final CertificateAuthority ca = CertificateAuthority.create("Test CA", NOW);
  private final TrustStore trust = ca.trustStore();
  private final TlsConfig.Client client =
      TlsConfig.Client.of(trust, HOST)
          .withClock(CLOCK)
          .withAlpn(List.of("sample", "other"))
          .withGroups(CHEAP);
  private final TlsConfig.Client shows = client.withCredentials(ca.client("client.test"));
  private final TlsConfig.Server server = server(ca.server(KeyKind.P256, List.of(HOST)));
  private final TlsConfig.Server issues =
      server.withTickets(
          TicketIssuer.of(
              RotatingTicketKeys.random(CLOCK, Duration.ofHours(1)), Duration.ofDays(1)));
  private final List<Mode> modes = new ArrayList<>();

  private Modes() throws CredentialException {}

  /** One of them, by weight. */
  static int draw(RandomGenerator random) {
    int left = random.nextInt(TOTAL);
    int i = 0;
    while (left >= ALL.get(i).weight()) {
      left -= ALL.get(i++).weight();
    }
    return i;
  }

  private List<Mode> all() throws CredentialException {
    certificates();
    mutual();
    preShared();
    resumption();
    return modes;
  }

  private void add(int weight, String name, TlsConfig.Client c, TlsConfig.Server s) {
    modes.add(new Mode(name, weight, c, s));
  }

  private void certificates() throws CredentialException {
    add(10, "certificate", client, server);
    add(8, "HelloRetryRequest", client, server.withGroups(RETRIED));
    add(4, "ticket issued", client, issues);
    add(2, "hybrid group", client.withGroups(List.of(TlsGroup.values())), server);
    add(1, "P-384", client.withGroups(List.of(TlsGroup.SECP384R1)).withCipher(52), server);
    add(
        2,
        "Ed25519, ChaCha20",
        client,
        server(ca.server(KeyKind.ED25519, List.of(HOST))).withCipher(54));
    add(1, "RSA", client, server(ca.server(KeyKind.RSA2048, List.of(HOST))));
    add(
        2,
        "intermediate",
        client,
        server(ca.intermediate("Test CA 2", Duration.ofDays(100)).server(HOST)));
    add(2, "not verified", client.withVerify(false).withPeerName(null), server);
  }

  private void mutual() {
    TlsConfig.Server asks = server.withClientAuth(ClientAuth.REQUEST, trust);
    add(3, "asked, shown", shows, asks);
    add(3, "asked, not shown", client, asks);
    add(6, "required, shown", shows, server.withClientAuth(ClientAuth.REQUIRE, trust));
  }

  private void preShared() {
    List<ExternalPsk> known = List.of(psk("first", 32), psk("second", 48), psk("third", 16));
    TlsConfig.Server lookup =
        TlsConfig.Server.psk(identity -> find(known, identity))
            .withClock(CLOCK)
            .withAlpn(List.of("sample"));
    TlsConfig.Client one = offers(psk("first", 32));
    add(14, "external PSK", one, lookup);
    add(6, "external PSK, SHA-384", offers(psk("second", 48)), lookup);
    add(6, "several identities", offers(psk("no", 32), psk("nor", 48), psk("third", 16)), lookup);
    add(4, "external PSK, HelloRetryRequest", one, lookup.withGroups(RETRIED));
  }

  private static ExternalPsk psk(String identity, int length) {
    byte[] key = new byte[length];
    Arrays.fill(key, identity.getBytes(StandardCharsets.UTF_8)[0]);
    return ExternalPsk.of(identity, key);
  }

  private static TlsConfig.Client offers(ExternalPsk... psks) {
    return TlsConfig.Client.psk(List.of(psks), HOST)
        .withClock(CLOCK)
        .withAlpn(List.of("sample"))
        .withGroups(CHEAP);
  }

  private static @Nullable ExternalPsk find(List<ExternalPsk> known, byte[] identity) {
    for (ExternalPsk psk : known) {
      if (Arrays.equals(psk.identity(), identity)) {
        return psk.copy();
      }
    }
    return null;
  }

  private void resumption() {
    TlsConfig.Server early = issues.withEarlyData(CREDULOUS);
    TlsConfig.Client back = client.withSession(session(client, early)).withEarlyData(true);
    add(12, "resumption", back.withEarlyData(false), issues);
    add(12, "0-RTT", back, early);
    add(4, "0-RTT not taken", back, issues);
    add(4, "0-RTT, HelloRetryRequest", back, early.withGroups(RETRIED));
    add(2, "ticket of another server", back, early.withTickets(null));
    TlsConfig.Server asks = early.withClientAuth(ClientAuth.REQUIRE, trust);
    add(4, "mutual, resumed", shows.withSession(session(shows, asks)).withEarlyData(true), asks);
  }

  private static TlsSession session(TlsConfig.Client client, TlsConfig.Server server) {
    SeededRandomness.seed(-1);
    return Wire.session(new Mode("first", 1, client, server));
  }

  private static TlsConfig.Server server(Credentials credentials) {
    return TlsConfig.Server.of(credentials).withClock(CLOCK).withAlpn(List.of("sample"));
  }
}
