package dev.quic.dataplane.io;

import java.util.ArrayList;
import java.util.List;

/**
 * Wake-ups of programs' threads, kept until the shard sleeps. On the only processor there is, a
 * thread that is woken within a turn takes the processor at once, finds the shard at work, and has
 * to wait anew with its next call; while the shard sleeps it makes that call itself (ADR 0007). For
 * whoever holds the shard's baton, but for {@link #run}.
 */
final class LateWakes {
  private List<Runnable> kept = new ArrayList<>();

  /** Turns that went by since the first was kept. */
  private int turns;

  void add(Runnable wake) {
    kept.add(wake);
  }

  /** What was kept, to be {@link #run} without the baton. */
  List<Runnable> take() {
    turns = 0;
    if (kept.isEmpty()) {
      return List.of();
    }
    List<Runnable> taken = kept;
    kept = new ArrayList<>();
    return taken;
  }

  /** Ends a turn that no sleep follows: wakes those who have waited for long enough. */
  void awake() {
    if (!kept.isEmpty() && ++turns == IoLimits.LATE_WAKE_TURNS) {
      run(take());
    }
  }

  static void run(List<Runnable> wakes) {
    for (int i = 0; i < wakes.size(); i++) {
      wakes.get(i).run();
    }
  }
}
