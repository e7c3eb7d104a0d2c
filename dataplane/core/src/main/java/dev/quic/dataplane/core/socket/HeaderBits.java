package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.path.SpinBit;
import org.jspecify.annotations.Nullable;

/**
 * The bits of a short header that mean nothing to the protocol itself: spin (RFC 9000 section 17.4)
 * and, with a peer that says it does not care, a fixed bit that is not (RFC 9287).
 */
final class HeaderBits {
  private static final int FIXED = 0x40;
  private static final int SPIN = 0x20;

  private final Conn c;
  private @Nullable Path path;
  private @Nullable SpinBit spin;
  private long random;
  private int left;

  HeaderBits(Conn c) {
    this.c = c;
  }

  /** A path starts anew with a bit of its own. */
  private SpinBit spin() {
    SpinBit s = spin;
    if (s == null || path != c.path()) {
      path = c.path();
      s = new SpinBit(!c.server, c.sock.settings().spinBit, c.net.publicRandom());
      spin = s;
    }
    return s;
  }

  /** The newest 1-RTT packet came in with this first byte. */
  void onNewest(int first, Path by) {
    if (by == c.path()) {
      spin().onReceived((first & SPIN) != 0);
    }
  }

  /** Decorates the first byte of a short header that is not sealed yet. */
  void decorate(byte[] buf, int at) {
    if (spin().value()) {
      buf[at] |= SPIN;
    }
    TransportParams peer = c.remote;
    if (peer != null && peer.greaseQuicBit && randomBit()) {
      buf[at] &= ~FIXED;
    }
  }

  private boolean randomBit() {
    if (left == 0) {
      random = c.net.publicRandom();
      left = Long.SIZE;
    }
    left--;
    boolean bit = (random & 1) != 0;
    random >>>= 1;
    return bit;
  }

  /** RFC 9000 sections 17.2 and 17.3.1: a fixed bit of 0 is refused by who did not allow it. */
  boolean acceptsFixedBit(boolean set) {
    return set || c.local.greaseQuicBit;
  }
}
