package dev.quic.dataplane.core.outqueue;

import dev.quic.dataplane.core.cong.RttEstimator;
import java.util.Arrays;

/**
 * Runs of losses long enough to be persistent congestion, RFC 9002 section 7.6: two ack-eliciting
 * packets sent after the first round trip was measured, far apart, and nothing acknowledged of what
 * was sent between them in any space.
 */
final class PersistentCongestion {
  private static final long NEVER = Long.MAX_VALUE;

  private final RttEstimator rtt;

  // By space: the run of losses without an acknowledgement between them, since when, up to which
  // number.
  private final long[] start;
  private final long[] end;

  /** When the latest packet acknowledged was sent, by space. */
  private final long[] ackedTime;

  /** When a round trip of this path was first measured. */
  private long measured = NEVER;

  PersistentCongestion(int spaces, RttEstimator rtt) {
    this.rtt = rtt;
    start = new long[spaces];
    Arrays.fill(start, NEVER);
    end = new long[spaces];
    ackedTime = new long[spaces];
    Arrays.fill(ackedTime, Long.MIN_VALUE);
  }

  /** A round trip was measured. */
  void onSample(long now) {
    if (measured == NEVER) {
      measured = now;
    }
  }

  /** Another network: no round trip was measured there. */
  void onNewPath() {
    measured = NEVER;
  }

  /** A packet sent at {@code sentTime} was acknowledged. */
  void onAcked(int space, long sentTime) {
    ackedTime[space] = Math.max(ackedTime[space], sentTime);
  }

  /** The last number of the run of losses of this space. */
  long end(int space) {
    return end[space];
  }

  /** The run of losses of this space is over. */
  void endRun(int space) {
    start[space] = NEVER;
  }

  /**
   * An ack-eliciting packet was lost.
   *
   * @param sentTime when it was sent
   * @return whether the run it continues, or begins, is persistent congestion
   */
  boolean onLost(int space, long pn, long sentTime, long maxAckDelay) {
    end[space] = pn;
    if (sentTime <= measured) {
      return false;
    }
    boolean broken = start[space] == NEVER;
    for (int other = 0; other < ackedTime.length; other++) {
      broken |= other != space && ackedTime[other] >= start[space];
    }
    if (broken) {
      start[space] = sentTime;
    }
    return sentTime - start[space] > rtt.persistentCongestion(maxAckDelay);
  }
}
