package dev.quic.handshaked.daemon.operation;

import dev.quic.handshaked.daemon.log.DaemonLog;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What has to be done now and then, on one thread. */
public final class Housekeeping implements AutoCloseable {
  private final DaemonLog log;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("housekeeping").factory());

  public Housekeeping(DaemonLog log) {
    this.log = log;
  }

  /**
   * @param chore short; a failure is logged and does not end it
   */
  public void every(Duration period, Runnable chore) {
    long nanos = period.toNanos();
    thread.scheduleAtFixedRate(() -> run(chore), nanos, nanos, TimeUnit.NANOSECONDS);
  }

  private void run(Runnable chore) {
    try {
      chore.run();
    } catch (RuntimeException e) {
      log.defect("a regular chore failed: a defect", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
