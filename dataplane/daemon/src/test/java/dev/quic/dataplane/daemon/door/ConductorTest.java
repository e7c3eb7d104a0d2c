package dev.quic.dataplane.daemon.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.io.MonotonicClock;
import dev.quic.uds.SeqPacket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the conductor does for its endpoints, on a thread of its own. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // JUnit
class ConductorTest {
  private Conductor conductor;
  private SeqPacket[] pair;

  @BeforeEach
  void start() throws Exception {
    conductor = new Conductor(MonotonicClock::now);
    conductor.start();
    pair = SeqPacket.pair();
  }

  @AfterEach
  void stop() {
    conductor.close();
    pair[0].close();
    pair[1].close();
  }

  private static Endpoint telling(CountDownLatch hungUp) {
    return new Endpoint() {
      @Override
      public void readable() {}

      @Override
      public void writable() {}

      @Override
      public void hangup() {
        hungUp.countDown();
      }
    };
  }

  /** As when the system can watch no more: nobody would ever look at it. */
  @Test
  void whatCannotBeWatchedEnds() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    conductor.execute(() -> conductor.watch(pair[0], telling(first)));
    conductor.execute(() -> conductor.watch(pair[0], telling(second)));
    assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(first.getCount()).isOne();
  }

  @Test
  void laterIsWithinASecondAndAgain() throws Exception {
    CountDownLatch three = new CountDownLatch(3);
    long start = MonotonicClock.now();
    Runnable[] again = new Runnable[1];
    again[0] =
        () -> {
          three.countDown();
          conductor.later(again[0]);
        };
    conductor.execute(() -> conductor.later(again[0]));
    assertThat(three.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(MonotonicClock.now() - start).isGreaterThan(2_900_000_000L);
  }
}
