package dev.quic.dataplane.daemon.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DataPlaneMainTest {
  @Test
  void aShardThatDiesEndsTheProcess() throws Exception {
    CountDownLatch stop = new CountDownLatch(1);
    try (DataPlane plane = DataPlane.builder().shards(2).start()) {
      plane
          .shards()
          .get(1)
          .submit((net, now) -> {
            throw new AssertionError("on purpose");
          });
      assertThatThrownBy(() -> DataPlaneMain.awaitEnd(plane.shards(), stop))
          .hasMessage("shard 1 is gone with its connections: java.lang.AssertionError: on purpose");
    }
  }

  @Test
  void whoIsToldToStopIsNoFailure() throws Exception {
    CountDownLatch stop = new CountDownLatch(1);
    try (DataPlane plane = DataPlane.builder().shards(2).start()) {
      stop.countDown();
      DataPlaneMain.awaitEnd(plane.shards(), stop);
    }
  }
}
