package dev.quic.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs a body for the seeds 0, 1, 2 and so on. The first seed that fails, or does not come back,
 * fails the test with one line that runs it again alone. {@code -Dfuzz.seed=N} runs one seed, and
 * {@code -Dfuzz.from=N} starts with another one than 0.
 */
public final class Seeds {
  /** Far beyond what any seed takes on a loaded machine: only a hang meets it. */
  private static final long HANG_NANOS = TimeUnit.MINUTES.toNanos(2);

  private static final long LOOK_MILLIS = 200;

  /** One seed's work. */
  @FunctionalInterface
  public interface Body {
    void run(long seed, RandomGenerator random) throws Exception;
  }

  private final String test;
  private final Body body;
  private final AtomicLong next;
  private final long end;
  private final AtomicReference<@Nullable AssertionError> failure = new AtomicReference<>();

  private Seeds(String test, long first, long end, Body body) {
    this.test = test;
    this.body = body;
    this.next = new AtomicLong(first);
    this.end = end;
  }

  /**
   * Runs all seeds.
   *
   * @param test {@code Class#method}, for the line that reproduces a failure
   * @param threads that may run the body at once, 1 for a body that shares state
   */
  public static void run(String test, int count, int threads, Body body) throws Exception {
    Long one = Long.getLong("fuzz.seed");
    long first = one != null ? one : Long.getLong("fuzz.from", 0);
    new Seeds(test, first, one != null ? one + 1 : first + count, body).run(threads);
  }

  /** As many as there are processors, at most four. */
  public static int threads() {
    return Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4);
  }

  /** The generator of a seed, whose first numbers do not resemble those of the next seed. */
  public static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** What runs one seed again. */
  private String reproduce(long seed) {
    return "mvn -q -pl tests/fuzz -am test -Dsurefire.failIfNoSpecifiedTests=false -Dtest="
        + test
        + " -Dfuzz.seed="
        + seed;
  }

  private void run(int threads) throws Exception {
    CountDownLatch left = new CountDownLatch(threads);
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Worker worker = new Worker(left);
      workers.add(worker);
      worker.thread.start();
    }
    while (!left.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      for (Worker worker : workers) {
        worker.checkAlive();
      }
      if (failure.get() != null) {
        break;
      }
    }
    AssertionError failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private final class Worker {
    private final CountDownLatch left;
    private final Thread thread;
    private volatile long seed = -1;
    private volatile long since = System.nanoTime();

    Worker(CountDownLatch left) {
      this.left = left;
      thread = Thread.ofPlatform().name("fuzz").daemon().unstarted(this::work);
    }

    private void work() {
      try {
        while (failure.get() == null) {
          long mine = next.getAndIncrement();
          if (mine >= end) {
            return;
          }
          since = System.nanoTime();
          seed = mine;
          body.run(mine, random(mine));
        }
      } catch (Throwable e) {
        failure.compareAndSet(
            null, new AssertionError("seed " + seed + ": " + e + "\n" + reproduce(seed), e));
      } finally {
        seed = -1;
        left.countDown();
      }
    }

    void checkAlive() {
      long now = seed;
      if (now >= 0 && System.nanoTime() - since > HANG_NANOS) {
        AssertionError hang = new AssertionError("seed " + now + " hangs\n" + reproduce(now));
        hang.setStackTrace(thread.getStackTrace());
        failure.compareAndSet(null, hang);
      }
    }
  }
}
