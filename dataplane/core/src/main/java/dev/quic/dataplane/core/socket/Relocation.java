package dev.quic.dataplane.core.socket;

import dev.quic.uapi.QuicUapi;

/**
 * Moves a socket to another net before it is bound, so that all sockets of one port are of one net:
 * what a program set on it goes along, the old one is closed by whoever moves it.
 */
public final class Relocation {
  private Relocation() {}

  /** Whether nothing ties a socket to its net. */
  public static boolean possible(Sock sock) {
    return sock instanceof QuicSock s
        && s.state() == QuicUapi.QUIC_SS_CLOSED
        && s.conn() == null
        && s.port() < 0
        && !s.freed;
  }

  /**
   * Gives a new socket what was set on another, which nobody uses any more.
   *
   * @throws IllegalArgumentException unless {@link #possible} holds for both
   */
  public static void carry(Sock from, Sock to) {
    if (!(from instanceof QuicSock f) || !(to instanceof QuicSock t) || !possible(to)) {
      throw new IllegalArgumentException("not a socket that can move");
    }
    t.settings = f.settings;
    t.maker(f.uid(), f.pid());
    t.peerToken(f.peerToken());
    t.tickets().ticket(f.tickets().ticket());
    t.notes().queue().mask(f.notes().queue().mask());
    t.options().carry(f.options());
  }
}
