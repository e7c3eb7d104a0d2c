package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.handshaked.daemon.log.DaemonLog;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class HandshakeServiceTest {
  private final BlockingQueue<FakeBus> buses = new LinkedBlockingQueue<>();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger served = new AtomicInteger();
  private final WorkerPool pool = new WorkerPool(4, bus -> served.incrementAndGet());
  private final HandshakeService service =
      new HandshakeService(this::connect, pool, new DaemonLog(true), "here", () -> "bc");

  private Bus connect() throws IOException {
    FakeBus bus = buses.poll();
    if (bus == null) {
      refused.incrementAndGet();
      throw new IOException("no data plane here (connection refused)");
    }
    return bus;
  }

  @Test
  void connectsAgainWhenTheDataPlaneComesBack() throws Exception {
    FakeBus first = new FakeBus();
    FakeBus second = new FakeBus();
    Thread loop = Thread.ofPlatform().start(service::run);
    await().until(() -> refused.get() > 1);
    buses.add(first);
    first.readyOnly();
    await().until(() -> served.get() == 1);
    first.lose();
    await().until(() -> first.closed);
    buses.add(second);
    second.readyOnly();
    await().until(() -> served.get() == 2);
    service.stop();
    loop.join();
    assertThat(second.closed).isTrue();
  }

  @Test
  void stopsWhileItWaitsForADataPlane() throws Exception {
    Thread loop = Thread.ofPlatform().start(service::run);
    await().until(() -> refused.get() > 0);
    service.stop();
    loop.join();
    assertThat(served).hasValue(0);
  }

  @Test
  void aStopBeforeTheStartIsKept() throws Exception {
    service.stop();
    service.run();
    assertThat(refused).hasValue(0);
  }
}
