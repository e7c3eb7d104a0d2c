package dev.quic.dataplane.daemon.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
  void filesThatCannotBeWrittenAreNamedInOneLine(@TempDir Path dir) throws Exception {
    Path file = Files.createFile(dir.resolve("file"));
    Path nowhere = dir.resolve("none").resolve("trace");
    assertThatThrownBy(() -> DataPlane.builder().trace(nowhere).start())
        .isInstanceOf(StartException.class)
        .hasMessage("cannot write trace " + nowhere + ": no such file or directory");
    assertThatThrownBy(() -> DataPlane.builder().qlog(file, 1).start())
        .isInstanceOf(StartException.class)
        .hasMessage("cannot write qlog to " + file + ": there is something else of that name");
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
