package dev.quic.handshaked.tls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a handshake ended.
 *
 * @param status 0, or a positive errno: what DONE reports
 * @param alert TLS alert we sent (or the peer's, when it told us), -1 for none
 * @param reason one line for a person; empty on success
 * @param alpn protocol agreed on
 * @param serverName SNI: sent by a client, seen by a server
 * @param peerCertificates DER, leaf first; empty when the peer showed none
 */
public record HandshakeResult(
    int status,
    int alert,
    String reason,
    @Nullable String alpn,
    @Nullable String serverName,
    List<byte[]> peerCertificates) {
  /** No alert was sent. */
  public static final int NO_ALERT = -1;

  public HandshakeResult {
    peerCertificates = List.copyOf(peerCertificates);
  }

  public boolean ok() {
    return status == 0;
  }

  static HandshakeResult failure(int status, int alert, String reason) {
    return new HandshakeResult(status, alert, reason, null, null, List.of());
  }
}
