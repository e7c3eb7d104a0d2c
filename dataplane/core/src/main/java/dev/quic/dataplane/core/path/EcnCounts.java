package dev.quic.dataplane.core.path;

import org.jspecify.annotations.Nullable;

/**
 * The ECN counts a peer reported, per packet number space, and the checks of RFC 9000 section
 * 13.4.2.1. Counts go on over all paths of a connection; what an acknowledgement says is held
 * against the path in use by its own packets only.
 */
public final class EcnCounts {
  private static final int SPACES = 3;

  private final long[] sent = new long[SPACES];
  private final long[] ect0 = new long[SPACES];
  private final long[] ce = new long[SPACES];

  // Of the ACK frame being processed.
  private int ackedHere;
  private int unmarkedHere;

  /** A packet was sent with ECT(0), on any path. */
  public void onSent(int space) {
    sent[space]++;
  }

  /** A packet is newly acknowledged. */
  public void onAcked(int space, long pn, boolean marked, Ecn path) {
    if (path.owns(space, pn)) {
      ackedHere += marked ? 1 : 0;
      unmarkedHere += marked ? 0 : 1;
    }
  }

  /**
   * All of an ACK frame that acknowledged something new is processed.
   *
   * @param grew whether it raised the largest number acknowledged; otherwise its counts may be old
   * @param counts ECT(0), ECT(1), CE; null for a frame without them
   * @return whether congestion was newly reported on a path that carries marks
   */
  public boolean onAckFrame(int space, boolean grew, long @Nullable [] counts, Ecn path) {
    int here = ackedHere;
    int unmarked = unmarkedHere;
    ackedHere = 0;
    unmarkedHere = 0;
    if (!grew) {
      return false;
    }
    if (unmarked > 0) {
      path.onAckedUnmarked(unmarked);
    }
    if (counts == null) {
      if (here > 0) {
        path.onValidated(false);
      }
      return false;
    }
    long moreEct0 = counts[0] - ect0[space];
    long moreCe = counts[2] - ce[space];
    ect0[space] = Math.max(ect0[space], counts[0]);
    ce[space] = Math.max(ce[space], counts[2]);
    boolean right =
        moreEct0 >= 0
            && moreCe >= 0
            && moreEct0 + moreCe >= here
            && counts[1] == 0
            // Not added up: both may be near the largest number there is.
            && counts[0] <= sent[space]
            && counts[2] <= sent[space] - counts[0];
    if (!right || here > 0) {
      path.onValidated(right);
    }
    return right && moreCe > 0;
  }
}
