package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class EndingsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Endings endings = new Endings();

  @Test
  void allAreDoneInTheirOrderByOneThread() {
    List<Integer> done = new CopyOnWriteArrayList<>();
    List<Thread> by = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      int number = i;
      endings.add(() -> {
        done.add(number);
        by.add(Thread.currentThread());
      });
    }
    assertThat(endings.finish(PATIENCE)).isTrue();
    assertThat(done).isEqualTo(IntStream.range(0, 1_000).boxed().toList());
    assertThat(by.stream().distinct()).hasSize(1);
  }

  @Test
  void theyAreDoneWithoutAnybodyAsking() throws Exception {
    CountDownLatch done = new CountDownLatch(2);
    endings.add(done::countDown);
    endings.add(done::countDown);
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whoBringsMoreThanTheLimitWaits() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch atIt = new CountDownLatch(1);
    AtomicInteger brought = new AtomicInteger();
    endings.add(() -> {
      atIt.countDown();
      awaitQuietly(go);
    });
    atIt.await();
    Thread author =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i <= Endings.LIMIT; i++) {
                endings.add(() -> {});
                brought.incrementAndGet();
              }
            });
    await()
        .until(() -> brought.get() == Endings.LIMIT && author.getState() == Thread.State.WAITING);
    assertThat(endings.finish(Duration.ZERO)).isFalse();
    go.countDown();
    author.join();
    assertThat(brought).hasValue(Endings.LIMIT + 1);
    assertThat(endings.finish(PATIENCE)).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
