package dev.quic.samples.perf;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;

/**
 * What this process has used so far.
 *
 * @param wallNs monotonic clock
 * @param cpuNs of all threads, compiler and collector included
 * @param allocated bytes, of all threads
 * @param shards of that by the threads that move packets; 0 when they are in another process
 */
record Usage(long wallNs, long cpuNs, long allocated, long shards) {
  private static final String SHARD = "shard-";

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Usage now() {
    return new Usage(
        System.nanoTime(),
        PROCESS.getProcessCpuTime(),
        THREADS.getTotalThreadAllocatedBytes(),
        byShards());
  }

  private static long byShards() {
    long sum = 0;
    for (ThreadInfo t : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
      if (t != null && t.getThreadName().startsWith(SHARD)) {
        sum += THREADS.getThreadAllocatedBytes(t.getThreadId());
      }
    }
    return sum;
  }

  Usage plusCpu(long nanos) {
    return new Usage(wallNs, cpuNs + nanos, allocated, shards);
  }

  Usage since(Usage start) {
    return new Usage(
        wallNs - start.wallNs,
        cpuNs - start.cpuNs,
        allocated - start.allocated,
        shards - start.shards);
  }
}
