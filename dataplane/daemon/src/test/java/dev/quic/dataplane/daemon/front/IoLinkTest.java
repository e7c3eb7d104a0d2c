package dev.quic.dataplane.daemon.front;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.io.IoLimits;
import dev.quic.dataplane.io.ShardConfig;
import dev.quic.dataplane.io.Shards;
import dev.quic.dataplane.io.UdpMode;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way into real shards. */
@Timeout(60)
class IoLinkTest {
  /** Two that did would wait for ever: each has to take its turns for the other to go on. */
  @Test
  void aShardDoesNotWaitForTheFullRingOfAnother() throws Exception {
    int tasks = 2 * IoLimits.RING_TASKS;
    try (Shards shards =
        Shards.start(
            2, i -> new ShardConfig(UdpMode.NIO, i, 2), i -> EventSink.NONE, notice -> {})) {
      IoLink a = new IoLink(shards.get(0));
      IoLink b = new IoLink(shards.get(1));
      CountDownLatch handed = new CountDownLatch(1);
      CountDownLatch ran = new CountDownLatch(tasks);
      b.post((net, now) -> await(handed));
      a.post((net, now) -> {
        for (int i = 0; i < tasks; i++) {
          b.post((n, t) -> ran.countDown());
        }
        handed.countDown();
      });
      assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
