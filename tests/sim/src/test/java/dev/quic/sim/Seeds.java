package dev.quic.sim;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** Runs a scenario for many seeds on all cores. */
final class Seeds {
  private Seeds() {}

  private static final int SHOWN = 10;

  /** {@code -Dsim.seed=N} runs that seed alone. */
  static final String ONE = "sim.seed";

  /** {@code -Dsim.seeds=N} runs the seeds 1 to N. */
  static final String COUNT = "sim.seeds";

  /**
   * @param test class to name in the line that repeats a failure
   * @param scenario runs one seed; returns what went wrong, or an empty text
   * @throws AssertionError naming every seed that failed
   */
  static void run(Class<?> test, int standard, LongFunction<String> scenario)
      throws InterruptedException {
    Long one = Long.getLong(ONE);
    long first = one == null ? 1 : one;
    long last = one == null ? Integer.getInteger(COUNT, standard) : one;
    AtomicLong next = new AtomicLong(first);
    Map<Long, String> failures = new ConcurrentSkipListMap<>();
    Thread[] workers = new Thread[Runtime.getRuntime().availableProcessors()];
    long start = System.nanoTime();
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Thread(() -> work(next, last, scenario, failures), "seeds-" + i);
      workers[i].start();
    }
    for (Thread w : workers) {
      w.join();
    }
    System.out.printf(
        Locale.ROOT,
        "%s: seeds %d to %d, %d failed, %.1f s%n",
        test.getSimpleName(),
        first,
        last,
        failures.size(),
        (System.nanoTime() - start) / 1e9);
    if (!failures.isEmpty()) {
      throw new AssertionError(report(test, failures));
    }
  }

  private static void work(
      AtomicLong next, long last, LongFunction<String> scenario, Map<Long, String> failures) {
    for (long seed = next.getAndIncrement(); seed <= last; seed = next.getAndIncrement()) {
      String wrong = attempt(seed, scenario);
      if (!wrong.isEmpty()) {
        failures.put(seed, wrong);
      }
    }
  }

  private static String attempt(long seed, LongFunction<String> scenario) {
    try {
      return scenario.apply(seed);
    } catch (RuntimeException | AssertionError e) {
      StringBuilder s = new StringBuilder(String.valueOf(e));
      for (StackTraceElement at : e.getStackTrace()) {
        s.append("\n    at ").append(at);
        if (s.length() > 2_000) {
          break;
        }
      }
      return s.toString();
    }
  }

  private static String report(Class<?> test, Map<Long, String> failures) {
    StringBuilder s = new StringBuilder();
    s.append(failures.size()).append(" seeds failed: ").append(failures.keySet());
    failures.entrySet().stream()
        .limit(SHOWN)
        .forEach(e ->
            s.append("\nseed ")
                .append(e.getKey())
                .append(": ")
                .append(e.getValue())
                .append("\n  repeat: mvn -q -pl tests/sim -am test -Dtest=")
                .append(test.getSimpleName())
                .append(" -Dsurefire.failIfNoSpecifiedTests=false -Dsim.seed=")
                .append(e.getKey()));
    return s.toString();
  }
}
