package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;

/**
 * What a client does for a server that may be at its anti-amplification limit. A translator may
 * have given the client a new address in the middle of the handshake, and the server may send three
 * times what comes from there (RFC 9000 sections 8.1 and 9.3.1): probes of a few bytes would let a
 * flight of ten packets through one by one. So once a probe timeout has passed, what the client
 * sends in Handshake packets fills datagrams, acknowledgements included, and asks for an answer.
 */
final class LimitRelief {
  private final Conn c;
  private boolean needed;
  private int left = Limits.RELIEF_DATAGRAMS;

  LimitRelief(Conn c) {
    this.c = c;
  }

  /** Whether an acknowledgement that is due at this level should ask for one itself. */
  boolean asks(int level) {
    return level == Conn.HANDSHAKE && wanted() && !c.life.complete();
  }

  /** Whether a datagram that begins with a packet of this level is to be filled. */
  boolean fills(int level) {
    if (level != Conn.HANDSHAKE || !wanted()) {
      return false;
    }
    left--;
    return true;
  }

  private boolean wanted() {
    if (c.server || left == 0 || c.life.confirmed()) {
      return false;
    }
    needed |= c.pto.count() > 0;
    return needed;
  }
}
