package dev.quic.handshaked.tls.session;

import org.jspecify.annotations.Nullable;

/** Seals a session's state into a ticket that only its maker can read. Any thread. */
public interface TicketProtector {
  /** Encrypts and authenticates; the result is the ticket on the wire. */
  byte[] seal(byte[] state);

  /**
   * The state in a ticket; the caller wipes it.
   *
   * @return null for a ticket of another maker, of a key no longer kept, or one that was altered
   */
  byte @Nullable [] open(byte[] ticket);
}
