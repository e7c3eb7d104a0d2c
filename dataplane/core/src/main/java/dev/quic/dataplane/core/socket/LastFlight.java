package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.stream.SendBuffer;

/**
 * The client's last handshake message, which it sends again in the datagrams of its first stream
 * data: a server reads nothing in 1-RTT packets before that message (RFC 9001 section 5.7), so what
 * comes without it is dropped, or kept until a probe timeout of the client's is over.
 */
final class LastFlight {
  /** Longer ones (a certificate) are left to loss recovery. */
  private static final long LONGEST = 256;

  private final Conn c;
  private int left = 2;

  LastFlight(Conn c) {
    this.c = c;
  }

  /** Stream data is about to go. */
  void onData() {
    if (c.server || left == 0 || !c.life.complete() || c.life.confirmed()) {
      return;
    }
    Space s = c.spaces[Conn.HANDSHAKE];
    SendBuffer b = s.cryptoOut;
    if (s.discarded || s.tx == null || b.allAcked() || b.pending() || b.held() > LONGEST) {
      return;
    }
    left--;
    b.resendAll();
  }
}
