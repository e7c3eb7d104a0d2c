package dev.quic.dataplane.daemon.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicSocket;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.DoorSocket;
import dev.quic.uds.door.RunDir;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A socket that its program gives up while it moves to the shard of the port it binds. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // JUnit
class MoveTest {
  @TempDir Path temp;
  private DataPlane plane;
  private Path dir;
  private InetSocketAddress ofTheSecond;
  private final CountDownLatch held = new CountDownLatch(1);
  private final ExecutorService pool = Executors.newCachedThreadPool();

  @BeforeEach
  void start() throws Exception {
    dir = temp.resolve("run");
    plane = DataPlane.builder().runDir(dir).shards(2).start();
    ofTheSecond = new InetSocketAddress("127.0.0.1", oddPort());
    holdUp(1, held);
  }

  private void holdUp(int shard, CountDownLatch until) throws Exception {
    CountDownLatch holds = new CountDownLatch(1);
    plane
        .shards()
        .get(shard)
        .submit((net, now) -> {
          holds.countDown();
          try {
            until.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    holds.await();
  }

  @AfterEach
  void stop() {
    held.countDown();
    pool.shutdownNow();
    plane.close();
  }

  private static int oddPort() throws Exception {
    while (true) {
      try (DatagramSocket s = new DatagramSocket(0)) {
        if (s.getLocalPort() % 2 == 1) {
          return s.getLocalPort();
        }
      }
    }
  }

  private void awaitGone() throws Exception {
    await().until(() -> plane.socketCount() == 0);
  }

  /** The conductor has seen what happened before: it takes things in the order they came. */
  private void awaitConductor() throws Exception {
    try (DoorClient other = DoorClient.connect(new RunDir(dir))) {
      DoorCall nothing = DoorCall.of(Door.OP_FORGET, other.nextSeq(), 1);
      assertThat(other.call(nothing).value()).isEqualTo(-Errno.EBADF);
    }
  }

  /** The second shard is past what it was held up with. */
  private void goOn() throws Exception {
    held.countDown();
    plane.shards().get(1).call((net, now) -> 0);
  }

  @Test
  void aProgramThatDiesLeavesNoSocketBehind() throws Exception {
    DoorClient client = DoorClient.connect(new RunDir(dir));
    DoorSocket sock = client.socket(QuicUapi.AF_INET, QuicUapi.SOCK_DGRAM, QuicUapi.IPPROTO_QUIC);
    pool.submit(() -> {
      sock.bind(ofTheSecond);
      return null;
    });
    awaitGone();
    sock.data().close();
    client.close();
    awaitConductor();
    goOn();
    awaitGone();
    try (QuicSocket next = plane.sockets().socket(QuicUapi.AF_INET)) {
      next.bind(ofTheSecond);
    }
  }

  @Test
  void aConsumerThatIsInterruptedAndClosesLeavesNoneEither() throws Exception {
    QuicSocket sock = plane.sockets().socket(QuicUapi.AF_INET);
    Thread binder =
        Thread.ofPlatform()
            .unstarted(() ->
                assertThatThrownBy(() -> sock.bind(ofTheSecond)).hasMessageContaining("EINTR"));
    binder.start();
    awaitGone();
    binder.interrupt();
    binder.join();
    sock.close();
    goOn();
    awaitGone();
  }

  @Test
  void aConsumerThatIsInterruptedCanBindAgain() throws Exception {
    goOn();
    CountDownLatch first = new CountDownLatch(1);
    try (QuicSocket sock = plane.sockets().socket(QuicUapi.AF_INET)) {
      holdUp(0, first);
      Thread binder =
          Thread.ofPlatform()
              .unstarted(() ->
                  assertThatThrownBy(() -> sock.bind(ofTheSecond)).hasMessageContaining("EINTR"));
      binder.start();
      await().until(() -> binder.getState() == Thread.State.WAITING);
      binder.interrupt();
      binder.join();
      first.countDown();
      plane.shards().get(0).call((net, now) -> 0);
      goOn();
      sock.bind(ofTheSecond);
      assertThat(sock.getsockname()).isEqualTo(ofTheSecond);
    } finally {
      first.countDown();
    }
  }
}
