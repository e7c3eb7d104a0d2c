package dev.quic.dataplane.daemon.door;

import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.dataplane.daemon.kernel.FakeTls;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uds.linux.Descriptor;
import dev.quic.uds.linux.Dup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A data plane whose process has as many descriptors as it may. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // JUnit
class FewDescriptorsTest {
  /** More are not taken, where the system allows so many. */
  private static final int MOST = 200_000;

  @TempDir Path temp;
  private DataPlane plane;
  private RemoteQuicSockets sockets;
  private final List<Integer> taken = new ArrayList<>();
  private final ExecutorService pool = Executors.newCachedThreadPool();

  @BeforeEach
  void start() throws Exception {
    Path dir = temp.resolve("run");
    plane = DataPlane.builder().runDir(dir).shards(1).start();
    sockets = RemoteQuicSockets.open(dir);
  }

  @AfterEach
  void stop() {
    giveBack();
    sockets.close();
    plane.close();
    pool.shutdownNow();
  }

  private void takeAll() {
    int n = Dup.of(0);
    while (n >= 0) {
      taken.add(n);
      assumeThat(taken).hasSizeLessThan(MOST);
      n = Dup.of(0);
    }
  }

  private void giveBack() {
    taken.forEach(Descriptor::close);
    taken.clear();
  }

  private QuicSocket accept(QuicSocket listener) throws IOException {
    QuicSocket s = listener.accept();
    FakeTls.server(s);
    return s;
  }

  private static boolean shakeHands(QuicSocket client) throws IOException {
    FakeTls.client(client);
    return true;
  }

  /** None of the data plane's own ends, so nothing but time tells that there are some again. */
  @Test
  void aListenerTriesAgain() throws Exception {
    QuicSocket listener = sockets.socket(QuicUapi.AF_INET);
    listener.bind(new InetSocketAddress("127.0.0.1", 0));
    listener.listen(8);
    // Once, so that every class is loaded.
    Future<QuicSocket> first = pool.submit(() -> accept(listener));
    InetSocketAddress server = listener.getsockname();
    QuicSocket one = plane.sockets().socket(QuicUapi.AF_INET);
    one.connect(server);
    shakeHands(one);
    QuicSocket accepted = first.get(30, TimeUnit.SECONDS);
    QuicSocket other = plane.sockets().socket(QuicUapi.AF_INET);
    other.connect(server);
    Future<QuicSocket> second = pool.submit(() -> accept(listener));
    Future<Boolean> handshake;
    // Classes that come from directories cannot be loaded without a descriptor.
    String unused = Errno.name(Errno.EMFILE);
    LoggerFactory.getLogger(DescriptorTable.class).warn("{} and {}", "one", unused);
    try {
      takeAll();
      handshake = pool.submit(() -> shakeHands(other));
      await().during(Duration.ofMillis(1_500)).until(() -> !second.isDone());
    } finally {
      giveBack();
    }
    handshake.get(30, TimeUnit.SECONDS);
    second.get(30, TimeUnit.SECONDS).close();
    accepted.close();
    one.close();
    other.close();
    listener.close();
  }
}
