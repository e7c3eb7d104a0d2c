package dev.quic.resumption.client;

import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.handshaked.tls.session.TlsSession;
import java.time.Duration;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * All that a client remembers of a connection; and lies a client may tell about it, for which our
 * own TLS has to be told them first: it would not offer a session it knows to be unfit.
 *
 * @param limits the server's
 * @param token of NEW_TOKEN, empty for none
 */
record Session(TlsSession tls, TransportParams limits, byte[] token) implements Destroyable {
  private static final long LONG_LIFE = Duration.ofDays(7).toSeconds();

  /** As if it had been got for another name. */
  Session named(String name) {
    return with(
        tls.group(), name, tls.alpn(), tls.ticket(), tls.receivedMillis(), tls.lifetimeSeconds());
  }

  /** As if it had been got with another protocol. */
  Session speaking(String alpn) {
    return with(
        tls.group(),
        tls.serverName(),
        alpn,
        tls.ticket(),
        tls.receivedMillis(),
        tls.lifetimeSeconds());
  }

  /** With one bit of the ticket changed. */
  Session damaged() {
    byte[] ticket = tls.ticket().clone();
    ticket[ticket.length / 2] ^= 0x10;
    return with(
        tls.group(),
        tls.serverName(),
        tls.alpn(),
        ticket,
        tls.receivedMillis(),
        tls.lifetimeSeconds());
  }

  /** As if it had been got so much earlier. */
  Session older(Duration age) {
    long then = tls.receivedMillis() - age.toMillis();
    return with(tls.group(), tls.serverName(), tls.alpn(), tls.ticket(), then, LONG_LIFE);
  }

  /** Without the token of NEW_TOKEN, which servers take once. */
  Session tokenless() {
    return new Session(tls, limits, new byte[0]);
  }

  /**
   * As if the server's key exchange group were not known: the first of the configuration's is
   * tried.
   */
  Session groupless() {
    return with(
        0, tls.serverName(), tls.alpn(), tls.ticket(), tls.receivedMillis(), tls.lifetimeSeconds());
  }

  /** As if its ticket had a long life. */
  Session longLived() {
    return older(Duration.ZERO);
  }

  private Session with(
      int group,
      @Nullable String name,
      @Nullable String alpn,
      byte[] ticket,
      long receivedMillis,
      long lifetimeSeconds) {
    TlsSession other =
        new TlsSession(
            tls.suite(),
            group,
            receivedMillis,
            lifetimeSeconds,
            tls.ageAdd(),
            tls.earlyData(),
            tls.verified(),
            tls.quicVersion(),
            name,
            alpn,
            ticket,
            tls.psk(),
            tls.expiresMillis(),
            tls.anchors(),
            tls.peerCertificates());
    return new Session(other, limits, token);
  }

  @Override
  public void destroy() {
    tls.destroy();
  }

  @Override
  public String toString() {
    return tls.toString();
  }
}
