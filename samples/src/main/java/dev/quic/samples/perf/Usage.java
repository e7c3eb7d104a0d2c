package dev.quic.samples.perf;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process has used so far.
 *
 * @param wallNs monotonic clock
 * @param cpuNs of all threads, compiler and collector included
 * @param allocated bytes, of all threads
 */
record Usage(long wallNs, long cpuNs, long allocated) {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Usage now() {
    return new Usage(
        System.nanoTime(), PROCESS.getProcessCpuTime(), THREADS.getTotalThreadAllocatedBytes());
  }

  Usage plusCpu(long nanos) {
    return new Usage(wallNs, cpuNs + nanos, allocated);
  }

  Usage since(Usage start) {
    return new Usage(wallNs - start.wallNs, cpuNs - start.cpuNs, allocated - start.allocated);
  }
}
