package dev.quic.dataplane.daemon.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TraceWriterTest {
  private static final int LINES = 40_000;

  /** The queue fills up once nobody writes, and closing has nothing to wait for. */
  @Test
  void closesAfterTheDiskWasFull() throws Exception {
    TraceWriter full = new TraceWriter(Path.of("/dev/full"));
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (full.dropped() == 0 && System.nanoTime() < end) {
      for (int i = 0; i < LINES; i++) {
        full.line("{\"event\":\"one of many\"}");
      }
      Thread.yield();
    }
    assertThat(full.dropped()).isPositive();
    assertTimeoutPreemptively(Duration.ofSeconds(10), full::close);
  }
}
