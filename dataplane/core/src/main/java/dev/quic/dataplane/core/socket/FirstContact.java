package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.QuicVersion;

/**
 * What is known of a client before there is a connection.
 *
 * @param dcid destination id of its first Initial, or of those after a Retry
 * @param proof what its token says
 * @param scid id that acknowledgements sent so far gave it; empty for none
 * @param sent packets sent with it, numbered from 0
 * @param bytes of their datagrams
 */
public record FirstContact(
    ConnId dcid, QuicVersion version, AddressProof proof, ConnId scid, long sent, int bytes) {
  /** Tells the connection what went out for it before it was there. */
  void count(long now, Conn c) {
    for (long i = 0; i < sent; i++) {
      long pn = c.spaces[Conn.INITIAL].pn.takeNext();
      c.recovery.onSent(Conn.INITIAL, pn, now, 0, false, false);
    }
    // RFC 9000 section 8.1: of the three times that a client may be sent.
    c.path().onSent(bytes);
  }
}
