package dev.quic.dataplane.core.socket;

/**
 * Handshake packets of a client that ask for an acknowledgement and bring no CRYPTO. A client that
 * lost a part of its ClientHello, or its Finished, may probe with no more than a PING at each of
 * its probe timeouts, which double, and sends the lost part when the acknowledgement shows that it
 * is: one that is lost costs it the next of them. So a server that waits for more of the handshake
 * asks for an answer itself, and repeats that, the acknowledgement with it, by a probe timeout of
 * its own (RFC 9002 section 6.2.4).
 */
final class BareProbes {
  private final Conn c;

  /** By level, Initial and Handshake: whether the last packet that asked was one. */
  private final boolean[] bare = new boolean[Conn.SPACES];

  BareProbes(Conn c) {
    this.c = c;
  }

  /** A packet that asks for an acknowledgement was processed. */
  void onEliciting(int level, boolean crypto) {
    bare[level] = !crypto;
  }

  /** Whether an acknowledgement that is due at this level should ask for one itself. */
  boolean asks(int level) {
    return bare[level] && c.server && waits(level);
  }

  private boolean waits(int level) {
    return level == Conn.INITIAL
        ? !c.keys.hasTx(Conn.HANDSHAKE)
        : level == Conn.HANDSHAKE && !c.life.complete();
  }
}
