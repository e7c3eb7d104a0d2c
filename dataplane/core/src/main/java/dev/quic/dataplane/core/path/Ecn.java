package dev.quic.dataplane.core.path;

import dev.quic.dataplane.core.common.Limits;
import java.util.Arrays;

/**
 * Explicit congestion notification on one path (RFC 9000 section 13.4.2 and appendix A.4): what we
 * send is marked ECT(0) for a test of a few packets, then not until their acknowledgements have
 * shown that the marks arrive, and never again on a path where they do not. A path that carried
 * marks and then answers to nothing is tested again without them, a few times.
 */
public final class Ecn {
  /** The first packets are marked. */
  public static final int TESTING = 0;

  /** The test was sent and is not answered yet; nothing is marked. */
  public static final int UNKNOWN = 1;

  /** Everything is marked. */
  public static final int CAPABLE = 2;

  /** Nothing is marked any more. */
  public static final int FAILED = 3;

  /** Field of the IP header for "not ECN-capable", and ECT(0) (RFC 3168 section 5). */
  public static final byte NOT_ECT = 0;

  public static final byte ECT0 = 2;

  private static final int SPACES = 3;

  private final long[] first = new long[SPACES];
  private int state = TESTING;
  private int marked;
  private int lost;
  private boolean acked;
  private boolean silent;
  private int unmarkedAcked;
  private int silences;

  public Ecn() {
    Arrays.fill(first, Long.MAX_VALUE);
  }

  /** Starts over, as on a path never used. */
  public void reset() {
    Arrays.fill(first, Long.MAX_VALUE);
    state = TESTING;
    silences = 0;
    test();
  }

  private void test() {
    marked = 0;
    lost = 0;
    acked = false;
    silent = false;
    unmarkedAcked = 0;
  }

  public int state() {
    return state;
  }

  /** The mark for what is sent now: {@link #ECT0} or {@link #NOT_ECT}. */
  public byte mark() {
    return state == TESTING || state == CAPABLE ? ECT0 : NOT_ECT;
  }

  /**
   * A packet went out on this path.
   *
   * @param mark with this mark
   */
  public void onSent(int space, long pn, byte mark) {
    if (first[space] == Long.MAX_VALUE) {
      first[space] = pn;
    }
    if (mark == ECT0 && ++marked >= Limits.ECN_TEST_PACKETS && state == TESTING) {
      state = UNKNOWN;
    }
  }

  /** Whether a packet of this number was sent here and not on an earlier path. */
  public boolean owns(int space, long pn) {
    return pn >= first[space];
  }

  /** A marked packet of this path was lost: the last of a test in vain ends it. */
  public void onLost() {
    lost++;
    if (state == UNKNOWN && !acked && lost >= marked) {
      state = FAILED;
    }
  }

  /** An acknowledgement of marked packets of this path was found right or wrong. */
  public void onValidated(boolean right) {
    acked = true;
    silent = false;
    if (!right) {
      state = FAILED;
    } else if (state != FAILED) {
      state = CAPABLE;
    }
  }

  /**
   * A probe timeout: perhaps something on the path swallows what is marked.
   *
   * @param count how many in a row
   */
  public void onProbeTimeout(int count) {
    if (state == TESTING && marked > 0 && !acked) {
      state = UNKNOWN;
    } else if (state == CAPABLE && count >= Limits.ECN_SILENT_TIMEOUTS) {
      state = ++silences > Limits.ECN_RETESTS ? FAILED : UNKNOWN;
      silent = true;
    }
  }

  /**
   * Packets of this path without a mark were acknowledged: one that fell silent is tested again;
   * one whose test none of this came of has failed.
   */
  public void onAckedUnmarked(int packets) {
    if (state != UNKNOWN) {
      return;
    }
    if (silent) {
      test();
      state = TESTING;
      return;
    }
    unmarkedAcked += packets;
    if (!acked && unmarkedAcked >= Limits.ECN_TEST_PACKETS) {
      state = FAILED;
    }
  }
}
