package dev.quic.resumption.client;

import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.resumption.wire.Target;
import dev.quic.resumption.wire.WireConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which server, and how it is spoken to.
 *
 * @param name for the report
 * @param tls with one protocol in ALPN, a peer name, and no session
 * @param limits what the client allows the server
 * @param request sent on every connection; null for none, which leaves early data out
 * @param otherName sent as a wrong SNI
 * @param otherAlpn another protocol the server speaks; null when there is none
 * @param shared another server that shares ticket keys and replay protection; null for none
 * @param unshared another server that shares nothing; null for none
 * @param cooperation changes the server between steps
 * @param patience how long a handshake and its answer may take
 * @param longestWait a ticket that lives no longer is waited for to expire
 */
public record ProbeConfig(
    String name,
    Target target,
    TlsConfig.Client tls,
    TransportParams limits,
    @Nullable Requester request,
    String otherName,
    @Nullable String otherAlpn,
    @Nullable Target shared,
    @Nullable Target unshared,
    Cooperation cooperation,
    Duration patience,
    Duration longestWait) {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** A server alone, without help; all else as usual. */
  public static ProbeConfig of(
      String name, Target target, TlsConfig.Client tls, @Nullable Requester request) {
    return new ProbeConfig(
        name,
        target,
        tls,
        WireConnection.limits(),
        request,
        "wrong.invalid",
        null,
        null,
        null,
        Cooperation.NONE,
        PATIENCE,
        Duration.ZERO);
  }

  public ProbeConfig withOtherAlpn(@Nullable String alpn) {
    return new ProbeConfig(
        name,
        target,
        tls,
        limits,
        request,
        otherName,
        alpn,
        shared,
        unshared,
        cooperation,
        patience,
        longestWait);
  }

  public ProbeConfig withOthers(@Nullable Target sharing, @Nullable Target notSharing) {
    return new ProbeConfig(
        name,
        target,
        tls,
        limits,
        request,
        otherName,
        otherAlpn,
        sharing,
        notSharing,
        cooperation,
        patience,
        longestWait);
  }

  public ProbeConfig withCooperation(Cooperation help) {
    return new ProbeConfig(
        name,
        target,
        tls,
        limits,
        request,
        otherName,
        otherAlpn,
        shared,
        unshared,
        help,
        patience,
        longestWait);
  }

  /** Other times than 15 seconds and no wait. */
  public ProbeConfig withTimes(Duration forAnswer, Duration forExpiry) {
    return new ProbeConfig(
        name,
        target,
        tls,
        limits,
        request,
        otherName,
        otherAlpn,
        shared,
        unshared,
        cooperation,
        forAnswer,
        forExpiry);
  }
}
