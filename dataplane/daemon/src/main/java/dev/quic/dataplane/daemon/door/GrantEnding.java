package dev.quic.dataplane.daemon.door;

/** DONE as a call on a grant. The conductor's thread. */
@FunctionalInterface
public interface GrantEnding {
  /**
   * @param message DONE as on the bus
   * @param failed a call failed before, perhaps without the caller's knowing
   * @return a positive errno, 0 when the request has ended
   */
  int done(byte[] message, boolean failed);
}
