package dev.quic.dataplane.io;

/**
 * Decides how long to wait awake before sleeping. Waking a sleeping core costs more than a short
 * request, so after traffic the shard looks on for a while; when that was in vain it looks half as
 * long the next time, and when a packet came shortly after it had gone to sleep, twice as long. An
 * idle shard has no traffic and never spins. Nor does one that was quiet for a while: whoever is to
 * answer it has to be woken first, perhaps on the very processor it would spin on. A time that was
 * asked for is kept to.
 */
final class Spinner {
  /** Below this it is not worth looking at all. */
  private static final long LEAST = 2_000;

  /** On one processor whoever has the next packet could not run meanwhile. */
  private static final long ADAPTIVE =
      Runtime.getRuntime().availableProcessors() > 1 ? IoLimits.SPIN_NANOS : 0;

  private final long most;
  private final boolean fixed;
  private long budget;
  private long until;
  private boolean spinning;
  private long sleptAt;
  private long activeAt;

  /**
   * @param micros how long to look, or {@link ShardConfig#ADAPTIVE}
   */
  Spinner(int micros) {
    fixed = micros != ShardConfig.ADAPTIVE;
    most = fixed ? micros * 1_000L : ADAPTIVE;
    budget = most;
  }

  /** Something was received, sent or run in this turn. */
  void active(long now) {
    if (spinning) {
      budget = Math.min(most, budget * 2);
    }
    spinning = false;
    boolean quiet = now - activeAt > IoLimits.QUIET_NANOS;
    activeAt = now;
    until = !fixed && (quiet || budget < LEAST) ? now : now + budget;
  }

  /** Nothing happened in this turn: whether to look again at once. */
  boolean again(long now) {
    if (now < until) {
      spinning = true;
      return true;
    }
    if (spinning) {
      spinning = false;
      budget = fixed ? budget : budget / 2;
    }
    return false;
  }

  void sleeps(long now) {
    sleptAt = now;
  }

  /** Woken by something else than a timeout. */
  void woken(long now) {
    if (now - sleptAt < 2 * IoLimits.SPIN_NANOS) {
      budget = Math.min(most, Math.max(2 * budget, 2 * LEAST));
    }
  }
}
