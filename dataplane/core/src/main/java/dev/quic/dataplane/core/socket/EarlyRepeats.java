package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;

/**
 * Sends a server's handshake flight again before its probe timeout, when the client shows that it
 * lacks it (RFC 9002 section 6.2.3).
 *
 * <p>A client probes with an Initial packet only while it has no Handshake keys (RFC 9002 section
 * 6.2.2.1). When such a probe, be it the ClientHello again or a PING, leaves Initial packets of
 * ours unacknowledged, the ServerHello did not arrive: each side would wait out a backoff of
 * seconds, and the client would take the wait for its first round trip. Bounded per connection by
 * {@link Limits#EARLY_REPEATS}, and by what may be sent to an address not validated.
 */
final class EarlyRepeats {
  private final Conn c;
  private int made;

  EarlyRepeats(Conn c) {
    this.c = c;
  }

  /** The frames of an Initial packet that asks for an acknowledgement were processed. */
  void onInitial(long now) {
    boolean late =
        c.recovery.sent(Conn.INITIAL).eliciting() > 0
            // A shorter wait may be an acknowledgement and the probe having crossed.
            && now - c.pto.lastEliciting(Conn.INITIAL) >= c.rtt.smoothed();
    if (c.server && late && made < Limits.EARLY_REPEATS) {
      made++;
      c.pto.probeNow(Conn.INITIAL);
      c.pto.probeNow(Conn.HANDSHAKE);
    }
  }
}
