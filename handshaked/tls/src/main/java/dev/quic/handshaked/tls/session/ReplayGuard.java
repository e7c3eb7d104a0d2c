package dev.quic.handshaked.tls.session;

/**
 * Vouches that early data is taken once (RFC 8446 section 8). A ticket names the guard of the time
 * it was issued; early data under it is accepted by the same guard only. Any thread.
 */
public interface ReplayGuard {
  /** Unlike that of any other guard, other processes' and earlier ones' included. */
  long id();

  /** How far a client's and our idea of a ticket's age may differ, in milliseconds. */
  long windowMillis();

  /**
   * Registers a first flight.
   *
   * @param unique what no other flight has: its binder
   * @param nowMillis wall clock
   * @return false when it was seen before, or when that cannot be told any more
   */
  boolean firstSeen(byte[] unique, long nowMillis);
}
