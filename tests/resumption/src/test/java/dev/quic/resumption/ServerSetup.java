package dev.quic.resumption;

import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.resumption.wire.WireConnection;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a server under test is configured with, and may be told to change. */
final class ServerSetup {
  static final String NAME = "server.example";
  static final String ALPN = "hq-interop";
  static final String OTHER_ALPN = "other";
  static final Duration LIFETIME = Duration.ofHours(6);
  static final Duration ROTATION = Duration.ofHours(1);

  private static final int QUIC_V1 = 1;

  private final VirtualTime time;
  private final CertificateAuthority authority;
  private final TlsConfig.Server base;
  private final byte[] master;
  private final TicketIssuer issuer;
  @Nullable ReplayGuard guard;
  TransportParams limits = WireConnection.limits();

  ServerSetup(VirtualTime time) throws CredentialException {
    this(time, CertificateAuthority.create("test", time.instant()), null, null);
  }

  private ServerSetup(
      VirtualTime time,
      CertificateAuthority authority,
      byte @Nullable [] sharedMaster,
      @Nullable ReplayGuard sharedGuard)
      throws CredentialException {
    this.time = time;
    this.authority = authority;
    this.base =
        TlsConfig.Server.of(authority.server(NAME, "wrong.invalid"))
            .withAlpn(List.of(ALPN, OTHER_ALPN))
            // Without one of the client's groups, so that it can be made to ask again.
            .withGroups(List.of(TlsGroup.X25519MLKEM768, TlsGroup.X25519, TlsGroup.SECP256R1))
            .withClock(time)
            .withQuicVersion(QUIC_V1);
    this.master = sharedMaster == null ? randomMaster() : sharedMaster;
    this.issuer = TicketIssuer.of(RotatingTicketKeys.ofMaster(master, time, ROTATION), LIFETIME);
    this.guard =
        sharedGuard == null
            ? new StrikeRegister(StrikeRegister.DEFAULT_WINDOW, StrikeRegister.DEFAULT_ENTRIES)
            : sharedGuard;
  }

  private static byte[] randomMaster() {
    byte[] master = new byte[RotatingTicketKeys.MIN_MASTER];
    new SecureRandom().nextBytes(master);
    return master;
  }

  /** Another daemon with the same keys and the same register. */
  ServerSetup sharing() throws CredentialException {
    return new ServerSetup(time, authority, master, guard);
  }

  /** Another daemon of the same authority, alone. */
  ServerSetup apart() throws CredentialException {
    return new ServerSetup(time, authority, null, null);
  }

  TlsConfig.Server tls() {
    return base.withTickets(issuer).withEarlyData(guard);
  }

  TlsConfig.Client client() {
    return TlsConfig.Client.of(authority.trustStore(), NAME)
        .withAlpn(List.of(ALPN))
        .withClock(time)
        .withQuicVersion(QUIC_V1);
  }
}
