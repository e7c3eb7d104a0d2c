package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class WorkerPoolTest {
  private final FakeBus bus = new FakeBus();

  /** One that takes no request, and does the same for each. */
  private static WorkerPool.Work work(Consumer<Bus> each) {
    return new WorkerPool.Work() {
      @Override
      public void serveOne(Bus from) {
        each.accept(from);
      }

      @Override
      public void serve(Bus from, HandshakeRequest request) {
        each.accept(from);
      }
    };
  }

  /** A notification whose request is taken when there is a worker for it. */
  private static void ready(WorkerPool pool, Bus from) {
    if (pool.ready(from)) {
      MemoryGrant grant = MemoryGrant.pair()[0];
      pool.begin(from, new HandshakeRequest(grant, 1, HandshakeRequest.AUTH_X509, 0, null));
    }
  }

  @Test
  void neverRunsMoreThanItsLimitAndForgetsNothing() throws Exception {
    Semaphore go = new Semaphore(0);
    Semaphore started = new Semaphore(0);
    AtomicInteger most = new AtomicInteger();
    AtomicInteger now = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(10);
    WorkerPool pool =
        new WorkerPool(
            3,
            work(from -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              started.release();
              go.acquireUninterruptibly();
              now.decrementAndGet();
              all.countDown();
            }));
    for (int i = 0; i < 10; i++) {
      ready(pool, bus);
    }
    started.acquire(3);
    assertThat(pool.active()).isEqualTo(3);
    go.release(10);
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(most).hasValue(3);
    assertThat(pool.stop(20_000)).isZero();
  }

  @Test
  void forgetsTheNotificationsOfALostConnection() throws Exception {
    Semaphore go = new Semaphore(0);
    Semaphore started = new Semaphore(0);
    Semaphore served = new Semaphore(0);
    FakeBus second = new FakeBus();
    AtomicInteger ofSecond = new AtomicInteger();
    WorkerPool pool =
        new WorkerPool(
            1,
            work(from -> {
              started.release();
              go.acquireUninterruptibly();
              if (from == second) {
                ofSecond.incrementAndGet();
              }
              served.release();
            }));
    for (int i = 0; i < 5; i++) {
      ready(pool, bus);
    }
    started.acquire();
    ready(pool, second);
    go.release(10);
    served.acquire(2);
    assertThat(pool.stop(20_000)).isZero();
    assertThat(ofSecond).hasValue(1);
    assertThat(served.availablePermits()).isZero();
  }

  @Test
  void stopTakesNoMoreAndReportsWhatIsLeft() throws Exception {
    Semaphore go = new Semaphore(0);
    Semaphore started = new Semaphore(0);
    WorkerPool pool =
        new WorkerPool(
            2,
            work(from -> {
              started.release();
              go.acquireUninterruptibly();
            }));
    ready(pool, bus);
    ready(pool, bus);
    ready(pool, bus);
    started.acquire(2);
    assertThat(pool.stop(0)).isEqualTo(2);
    ready(pool, bus);
    go.release(2);
    assertThat(pool.stop(20_000)).isZero();
    assertThat(go.availablePermits()).isZero();
  }

  @Test
  void aWorkerKeptForARequestThatSomebodyElseTookIsFreeAgain() {
    Semaphore served = new Semaphore(0);
    WorkerPool pool = new WorkerPool(1, work(from -> served.release()));
    assertThat(pool.ready(bus)).isTrue();
    assertThat(pool.ready(bus)).isFalse();
    assertThat(pool.active()).isEqualTo(1);
    // The second one is remembered, and asked for by the worker that is free now.
    pool.begin(bus, null);
    served.acquireUninterruptibly();
    assertThat(pool.stop(20_000)).isZero();
    assertThat(served.availablePermits()).isZero();
  }

  @Test
  void workersKeptForALostConnectionAreFreeAgain() {
    WorkerPool pool = new WorkerPool(2, work(from -> {}));
    assertThat(pool.ready(bus)).isTrue();
    assertThat(pool.ready(bus)).isTrue();
    assertThat(pool.ready(bus)).isFalse();
    pool.free();
    assertThat(pool.active()).isZero();
    assertThat(pool.ready(new FakeBus())).isTrue();
    pool.free();
    assertThat(pool.stop(0)).isZero();
  }
}
