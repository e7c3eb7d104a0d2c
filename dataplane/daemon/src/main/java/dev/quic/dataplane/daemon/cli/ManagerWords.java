package dev.quic.dataplane.daemon.cli;

import dev.quic.uds.SdNotify;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What a service manager hears of a data plane: that it is ready, that it stops, and, if the unit
 * has a watchdog, that every shard and the conductor still answer.
 */
final class ManagerWords implements AutoCloseable {
  private final SdNotify manager;
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("watchdog").factory());

  ManagerWords(SdNotify manager) {
    this.manager = manager;
  }

  void ready(DataPlane plane, Map<String, String> environment) {
    manager.status("serving " + plane.runDir());
    manager.ready();
    long micros = SdNotify.watchdogMicros(environment, ProcessHandle.current().pid());
    if (micros > 0) {
      long half = Math.max(1, micros / 2);
      Duration patience = Duration.ofNanos(half * 500);
      watchdog.scheduleAtFixedRate(() -> alive(plane, patience), 0, half, TimeUnit.MICROSECONDS);
    }
  }

  private void alive(DataPlane plane, Duration patience) {
    if (plane.answers(patience)) {
      manager.watchdog();
    }
  }

  void stopping() {
    manager.stopping();
  }

  @Override
  public void close() {
    watchdog.shutdownNow();
  }
}
