package dev.quic.consumer.split;

import dev.quic.uapi.Errno;

/** A turn of an event loop. */
final class Steps {
  private Steps() {}

  /** False when the handshake has ended. */
  static boolean runUntilBlocked(HandshakeStepper tls, MemorySocket sock) {
    HandshakeStep step = tls.step();
    while (step != null) {
      step.perform(sock);
      if (step.retval() == -Errno.EAGAIN) {
        return true;
      }
      step = tls.step();
    }
    return false;
  }
}
