package dev.quic.dataplane.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskRingTest {
  private static final int PRODUCERS = 4;
  private static final int EACH = 50_000;

  @Test
  void keepsOrderAndRefusesWhenFull() {
    TaskRing<Integer> ring = new TaskRing<>(4);
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 4; i++) {
        assertThat(ring.offer(i)).isTrue();
      }
      assertThat(ring.offer(4)).isFalse();
      assertThat(ring.isEmpty()).isFalse();
      for (int i = 0; i < 4; i++) {
        assertThat(ring.poll()).isEqualTo(i);
      }
      assertThat(ring.poll()).isNull();
      assertThat(ring.isEmpty()).isTrue();
    }
  }

  @Test
  void capacityIsAPowerOfTwo() {
    assertThatThrownBy(() -> new TaskRing<Integer>(6)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void manyProducersLoseAndReorderNothing() throws Exception {
    TaskRing<Long> ring = new TaskRing<>(64);
    List<Thread> producers = new ArrayList<>();
    for (int p = 0; p < PRODUCERS; p++) {
      long base = (long) p << 32;
      Thread t =
          new Thread(() -> {
            for (int i = 0; i < EACH; i++) {
              while (!ring.offer(base | i)) {
                Thread.yield();
              }
            }
          });
      producers.add(t);
      t.start();
    }
    int[] next = new int[PRODUCERS];
    int taken = 0;
    while (taken < PRODUCERS * EACH) {
      Long v = ring.poll();
      if (v == null) {
        Thread.yield();
        continue;
      }
      int producer = (int) (v >>> 32);
      assertThat(v.intValue()).isEqualTo(next[producer]++);
      taken++;
    }
    for (Thread t : producers) {
      t.join();
    }
    assertThat(ring.poll()).isNull();
    assertThat(next).containsOnly(EACH);
  }
}
