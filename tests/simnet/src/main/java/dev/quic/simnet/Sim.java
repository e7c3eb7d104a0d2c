package dev.quic.simnet;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A ring of nodes in virtual time. When no node has anything to do, time jumps to the earliest
 * deadline; six weeks take as long as they have events. Everything is decided by the seeds of the
 * nodes, so the same ring runs the same way for ever.
 */
public final class Sim {
  /** Virtual time starts here, so that small subtractions stay positive. */
  public static final long START = 1_000_000_000L;

  public static final long MILLIS = 1_000_000L;
  public static final long SECONDS = 1_000_000_000L;
  public static final long MINUTES = 60 * SECONDS;

  /** Rounds without time passing that mean somebody asks to be called again and again. */
  private static final int STUCK_ROUNDS = 10_000;

  private final List<Node> ring;
  private long now = START;
  private long rounds;

  /** The last hands to the first. */
  public Sim(List<? extends Node> ring) {
    this.ring = List.copyOf(ring);
    for (int i = 0; i < ring.size(); i++) {
      ring.get(i).next(ring.get((i + 1) % ring.size()));
    }
  }

  public long now() {
    return now;
  }

  /** Rounds so far: a measure of work. */
  public long rounds() {
    return rounds;
  }

  /** How a run ended. */
  public enum End {
    /** The goal was reached. */
    GOAL,
    /** Nobody has anything to do any more. */
    IDLE,
    /** The time was up. */
    TIMEOUT
  }

  /**
   * Runs until the goal is reached.
   *
   * @param span virtual nanoseconds from now
   * @throws StuckException when a node wants to be called for ever without time passing
   */
  public End run(BooleanSupplier goal, long span) {
    long limit = now + span;
    int still = 0;
    while (!goal.getAsBoolean()) {
      long earliest = Long.MAX_VALUE;
      for (Node n : ring) {
        earliest = Math.min(earliest, n.deadline());
      }
      if (earliest == Long.MAX_VALUE) {
        return End.IDLE;
      }
      if (earliest > limit) {
        now = limit;
        return End.TIMEOUT;
      }
      still = earliest > now ? 0 : still + 1;
      if (still > STUCK_ROUNDS) {
        throw new StuckException("no progress at " + (now - START) + " ns: " + who());
      }
      now = Math.max(now, earliest);
      rounds++;
      for (Node n : ring) {
        if (n.deadline() <= now) {
          n.run(now);
        }
      }
    }
    return End.GOAL;
  }

  /** Lets time pass, even when nobody has anything to do. */
  public End runFor(long span) {
    long end = now + span;
    End how = run(() -> false, span);
    now = Math.max(now, end);
    return how;
  }

  private String who() {
    StringBuilder s = new StringBuilder();
    for (Node n : ring) {
      if (n.deadline() <= now) {
        s.append(n).append(' ');
      }
    }
    return s.toString();
  }

  /** A node that never has enough. */
  public static final class StuckException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StuckException(String message) {
      super(message);
    }
  }
}
