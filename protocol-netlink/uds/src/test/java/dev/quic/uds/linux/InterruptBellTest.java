package dev.quic.uds.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InterruptBellTest {
  private static final int ROUNDS = 1_000;
  private static final int WAITS = 30;

  /** The JDK tells of an interrupt after the fact: the wait may be over by then. */
  @Test
  void aLateRingLeavesNoBellRinging() throws Exception {
    Descriptor[] pair = Descriptor.pair();
    CyclicBarrier together = new CyclicBarrier(2);
    Thread waiter = Thread.currentThread();
    Thread interrupter =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                for (int i = 0; i < ROUNDS; i++) {
                  together.await();
                  waiter.interrupt();
                  together.await();
                }
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    int early = 0;
    for (int i = 0; i < ROUNDS; i++) {
      together.await();
      boolean told = false;
      for (int k = 0; !told; k++) {
        if (k < WAITS) {
          pair[0].await(true, 0);
        }
        told = Thread.interrupted();
      }
      together.await();
      // A ring that came late ends one wait; whoever waits with that bell next has to wait.
      pair[0].await(true, 0);
      long start = System.nanoTime();
      pair[0].await(true, 2);
      early += System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(1) ? 1 : 0;
    }
    interrupter.join();
    pair[0].close();
    pair[1].close();
    assertThat(early).isZero();
  }
}
