package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class WorkerPoolTest {
  private final FakeBus bus = new FakeBus();

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
            from -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              started.release();
              go.acquireUninterruptibly();
              now.decrementAndGet();
              all.countDown();
            });
    for (int i = 0; i < 10; i++) {
      pool.ready(bus);
    }
    started.acquire(3);
    assertThat(pool.active()).isEqualTo(3);
    go.release(10);
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(most).hasValue(3);
    assertThat(pool.stop(20_000)).isZero();
  }

  /** As after an OutOfMemoryError. */
  @Test
  void aTurnOutlivesItsThread() throws Exception {
    Semaphore served = new Semaphore(0);
    AtomicInteger calls = new AtomicInteger();
    WorkerPool pool =
        new WorkerPool(
            1,
            from -> {
              if (calls.incrementAndGet() <= 2) {
                throw new InternalError("part of a test");
              }
              served.release();
            });
    for (int i = 0; i < 3; i++) {
      pool.ready(bus);
    }
    assertThat(served.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
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
            from -> {
              started.release();
              go.acquireUninterruptibly();
              if (from == second) {
                ofSecond.incrementAndGet();
              }
              served.release();
            });
    for (int i = 0; i < 5; i++) {
      pool.ready(bus);
    }
    started.acquire();
    pool.ready(second);
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
            from -> {
              started.release();
              go.acquireUninterruptibly();
            });
    pool.ready(bus);
    pool.ready(bus);
    pool.ready(bus);
    started.acquire(2);
    assertThat(pool.stop(0)).isEqualTo(2);
    pool.ready(bus);
    go.release(2);
    assertThat(pool.stop(20_000)).isZero();
    assertThat(go.availablePermits()).isZero();
  }
}
