package dev.quic.samples.hq;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;

/** One key update of a connection, as soon as it may be (RFC 9001 section 6.1). */
public final class KeyUpdate {
  private static final byte[] NOTHING = new byte[0];

  private final QuicSocket sock;
  private boolean done;

  public KeyUpdate(QuicSocket sock) {
    this.sock = sock;
  }

  /** Starts it, unless that has happened; EINVAL says that it is too early. */
  public void attempt() throws QuicException {
    if (done) {
      return;
    }
    try {
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_KEY_UPDATE, NOTHING);
      done = true;
    } catch (QuicException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
    }
  }

  public boolean done() {
    return done;
  }
}
