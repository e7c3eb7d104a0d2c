package dev.quic.simnet;

import dev.quic.dataplane.core.socket.Sock;

/**
 * What uses a socket. Runs only when the core woke the socket or the program's own time has come,
 * as a real program sleeping in poll would: a forgotten wake-up shows as a transfer that never
 * ends.
 */
public interface Program {
  /**
   * @param mask what became true, 0 for the first call
   */
  void ready(long now, Sock sock, int mask);

  /** When {@link #onTimer} is wanted. */
  default long deadline() {
    return Long.MAX_VALUE;
  }

  default void onTimer(long now) {}
}
