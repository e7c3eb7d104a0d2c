package dev.quic.dataplane.core.timer;

import java.util.Arrays;

/** The timers of one connection: a deadline per kind, in the caller's monotonic nanoseconds. */
public final class TimerTable {
  /** Loss time or PTO. */
  public static final int LOSS = 0;

  /** Delayed acknowledgement. */
  public static final int SACK = 1;

  /** Idle timeout. */
  public static final int IDLE = 2;

  /** Path challenge retries. */
  public static final int PATH = 3;

  /** DPLPMTUD probes. */
  public static final int PMTU = 4;

  /** Pacing, and the end of bundling. */
  public static final int PACE = 5;

  /** End of closing or draining. */
  public static final int CLOSE = 6;

  /** Old keys to be dropped. */
  public static final int KEY_DISCARD = 7;

  /** Limit of the whole handshake. */
  public static final int HANDSHAKE = 8;

  /** Keepalive PING. */
  public static final int KEEPALIVE = 9;

  /** A server's 0-RTT key to be dropped. */
  public static final int EARLY_DISCARD = 10;

  /** Stream credit that waits for more of it. */
  public static final int CREDIT = 11;

  public static final int KINDS = 12;

  /** A deadline that never comes. */
  public static final long NEVER = Long.MAX_VALUE;

  private final long[] deadline = new long[KINDS];
  private long min = NEVER;

  public TimerTable() {
    Arrays.fill(deadline, NEVER);
  }

  /** Arms or re-arms; {@link #NEVER} cancels. */
  public void set(int kind, long at) {
    long old = deadline[kind];
    if (old == at) {
      return;
    }
    deadline[kind] = at;
    if (at < min) {
      min = at;
    } else if (old == min) {
      recompute();
    }
  }

  public void cancel(int kind) {
    set(kind, NEVER);
  }

  public void cancelAll() {
    Arrays.fill(deadline, NEVER);
    min = NEVER;
  }

  public long get(int kind) {
    return deadline[kind];
  }

  public boolean isSet(int kind) {
    return deadline[kind] != NEVER;
  }

  /** The earliest deadline, {@link #NEVER} for none. */
  public long next() {
    return min;
  }

  /** Disarms and returns the kind that is due first (lowest number first among equals), or -1. */
  public int pollDue(long now) {
    if (min > now) {
      return -1;
    }
    for (int kind = 0; kind < KINDS; kind++) {
      if (deadline[kind] == min) {
        cancel(kind);
        return kind;
      }
    }
    return -1;
  }

  private void recompute() {
    long m = NEVER;
    for (long d : deadline) {
      m = Math.min(m, d);
    }
    min = m;
  }
}
