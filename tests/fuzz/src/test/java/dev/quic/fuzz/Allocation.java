package dev.quic.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;

/** What a piece of work allocates, against a bound. Any thread. */
public final class Allocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long bound;
  private final AtomicLong most = new AtomicLong();

  /**
   * @param bound bytes that one piece of work may allocate
   */
  public Allocation(long bound) {
    this.bound = bound;
  }

  /**
   * Runs the work on this thread.
   *
   * @throws AssertionError when it allocates more than the bound
   */
  public void measure(Runnable work) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    work.run();
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    most.accumulateAndGet(bytes, Math::max);
    if (bytes > bound) {
      throw new AssertionError(bytes + " bytes were allocated, more than " + bound);
    }
  }

  /** Most bytes of one piece of work so far. */
  public long most() {
    return most.get();
  }
}
