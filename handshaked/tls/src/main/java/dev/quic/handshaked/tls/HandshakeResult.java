package dev.quic.handshaked.tls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a handshake ended.
 *
 * @param status 0, or a positive errno: what DONE reports
 * @param alert TLS alert we sent (or the peer's, when it told us), -1 for none
 * @param reason one line for a person; empty on success
 * @param outcome what was agreed on; null on failure. Its secrets are the caller's to wipe, see
 *     {@link #destroy}
 */
public record HandshakeResult(int status, int alert, String reason, @Nullable TlsOutcome outcome) {
  /** No alert was sent. */
  public static final int NO_ALERT = -1;

  static HandshakeResult failure(int status, int alert, String reason) {
    return new HandshakeResult(status, alert, reason, null);
  }

  static HandshakeResult success(TlsOutcome outcome) {
    return new HandshakeResult(0, NO_ALERT, "", outcome);
  }

  public boolean ok() {
    return status == 0;
  }

  /** Protocol agreed on, null for none. */
  public @Nullable String alpn() {
    return outcome == null ? null : outcome.alpn();
  }

  /** SNI: sent by a client, seen by a server. */
  public @Nullable String serverName() {
    return outcome == null ? null : outcome.serverName();
  }

  /** DER, leaf first; empty when the peer showed none. */
  public List<byte[]> peerCertificates() {
    return outcome == null ? List.of() : outcome.peerCertificates();
  }

  public boolean resumed() {
    return outcome != null && outcome.resumed();
  }

  public boolean earlyDataAccepted() {
    return outcome != null && outcome.earlyData();
  }

  /** External pre-shared key that was used, null for none. */
  public byte @Nullable [] pskIdentity() {
    return outcome == null ? null : outcome.pskIdentity();
  }

  /** {@code tls-exporter} (RFC 9266), null on failure; not after {@link #destroy}. */
  public byte @Nullable [] channelBinding() {
    return outcome == null ? null : outcome.exporter().channelBinding();
  }

  /** Wipes what exports keying material and makes sessions. */
  public void destroy() {
    if (outcome != null) {
      outcome.destroy();
    }
  }
}
