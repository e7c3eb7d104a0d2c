package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.session.SessionMaker;
import java.util.List;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * What a complete handshake agreed on.
 *
 * @param alpn protocol, null without ALPN
 * @param serverName SNI: sent by a client, seen by a server; null for none
 * @param peerCertificates DER, leaf first; of the first handshake when this one was a resumption;
 *     empty when the peer showed none
 * @param cipher {@code TLS_CIPHER_*}: 51, 52 or 54
 * @param group NamedGroup number of the key exchange
 * @param pskIdentity external pre-shared key that was used, null for none
 * @param resumed whether a ticket stood for the certificates
 * @param earlyData whether early data was accepted
 * @param exporter RFC 8446 section 7.5
 * @param sessions a client's maker of sessions; null for a server
 */
public record TlsOutcome(
    @Nullable String alpn,
    @Nullable String serverName,
    List<byte[]> peerCertificates,
    int cipher,
    int group,
    byte @Nullable [] pskIdentity,
    boolean resumed,
    boolean earlyData,
    TlsExporter exporter,
    @Nullable SessionMaker sessions)
    implements Destroyable {
  public TlsOutcome {
    peerCertificates = List.copyOf(peerCertificates);
  }

  /** Wipes what exports keying material and makes sessions. */
  @Override
  public void destroy() {
    exporter.destroy();
    if (sessions != null) {
      sessions.destroy();
    }
  }

  @Override
  public String toString() {
    return "TlsOutcome[" + alpn + ", " + serverName + (resumed ? ", resumed]" : "]");
  }
}
