package dev.quic.consumer.split;

import dev.quic.consumer.QuicMsg;

/**
 * Takes a server's early data while the handshake is still going on. Whoever sent it has not proved
 * yet that it is there now, and its first flight may be the copy of an older one that another
 * server took: only what may be done twice should be done (RFC 8446 section 8).
 */
@FunctionalInterface
public interface EarlyDataReceiver {
  /**
   * Called on the thread of the handshake, which goes on when it returns.
   *
   * @param msg stream and flags, as {@link dev.quic.consumer.QuicSocket#recvmsg} gave them; reused
   * @param buffer holds the data, from 0; reused
   * @param length bytes of it, 0 to 65,536
   */
  void received(QuicMsg msg, byte[] buffer, int length);
}
