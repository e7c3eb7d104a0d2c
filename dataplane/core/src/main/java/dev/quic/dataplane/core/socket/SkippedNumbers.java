package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.pnspace.PnSpace;
import dev.quic.uapi.QuicUapi;

/**
 * 1-RTT packet numbers that are never sent, at unpredictable distances (RFC 9000 section 21.4): a
 * peer that acknowledges one acknowledges what it did not receive. The first comes soon, the
 * following ones further and further apart, as a peer that was honest so far has less to win. Only
 * the latest is watched, which an attacker who runs ahead of us cannot know.
 */
final class SkippedNumbers {
  private static final long NONE = -1;

  /** Packets until the first, and a random part as large on top. */
  private static final int FIRST = 16;

  /** Where the distance stops growing. */
  private static final int FURTHEST = 4_096;

  private final Conn c;
  private int distance = FIRST;
  private long due = NONE;
  private long skipped = NONE;

  SkippedNumbers(Conn c) {
    this.c = c;
  }

  /** Before a flush, when no run of consecutive numbers has begun. */
  void flush() {
    PnSpace pn = c.spaces[Conn.APP].pn;
    if (due == NONE) {
      if (c.life.complete()) {
        plan(pn.next());
      }
    } else if (pn.next() >= due && pn.largestAcked() >= skipped) {
      skipped = pn.next();
      pn.skip();
      plan(pn.next());
    }
  }

  private void plan(long next) {
    due = next + distance + (c.net.publicRandom() & distance - 1);
    distance = Math.min(FURTHEST, 2 * distance);
  }

  /**
   * An ACK frame of the 1-RTT space.
   *
   * @return 0, or PROTOCOL_VIOLATION when it acknowledges what was never sent
   */
  int onAck(Frame f) {
    if (skipped == NONE || f.id < skipped) {
      return 0;
    }
    for (int r = 0; r < f.ackCount && f.ackHigh[r] >= skipped; r++) {
      if (f.ackLow[r] <= skipped) {
        return QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
      }
    }
    return 0;
  }
}
