package dev.quic.dataplane.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.io.ShardStats.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The duty cycle, driving a fake in place of the core. */
class ShardTest {
  private static final SockAddr LOOPBACK = SockAddr.v4(0x7f000001, 0);
  private static final int SECONDS = 20;

  static List<UdpMode> modes() {
    return LinuxSupport.available() ? List.of(UdpMode.NIO, UdpMode.LINUX) : List.of(UdpMode.NIO);
  }

  private final List<FakeEngine> fakes = new ArrayList<>();

  private Shard shard(UdpMode mode, int index, int count) {
    return FakeEngine.shard(mode, index, count, fakes);
  }

  @ParameterizedTest
  @MethodSource("modes")
  void runsTasksInOrderAndAnswersCalls(UdpMode mode) throws Exception {
    try (Shard shard = shard(mode, 0, 1).start()) {
      List<Integer> order = new ArrayList<>();
      CountDownLatch done = new CountDownLatch(1);
      for (int i = 0; i < 1000; i++) {
        int n = i;
        assertThat(shard.submit((net, now) -> order.add(n))).isTrue();
      }
      shard.submit((net, now) -> done.countDown());
      assertThat(done.await(SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(order).hasSize(1000).isSorted();

      assertThat(shard.<Boolean>call((net, now) -> shard.isShardThread())).isTrue();
      assertThat(shard.<Integer>call((net, now) -> inner(shard))).isEqualTo(42);
      assertThatThrownBy(() ->
              shard.call((net, now) -> {
                throw new IllegalArgumentException("no");
              }))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(shard.stats().get(Counter.TASKS)).isGreaterThanOrEqualTo(1003);
    }
  }

  private static int inner(Shard shard) {
    try {
      return shard.call((net, now) -> 42);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void wakesProgramsBehindTheTurnWhereTheProcessorIsTheOnlyOne(UdpMode mode) throws Exception {
    for (boolean late : new boolean[] {true, false}) {
      List<String> order = new CopyOnWriteArrayList<>();
      CountDownLatch woken = new CountDownLatch(1);
      try (Shard shard = shard(mode, 0, 1).wakesLate(late).start()) {
        shard.submit((net, now) -> {
          shard.wake(() -> {
            order.add("wake");
            woken.countDown();
          });
          order.add("task");
        });
        assertThat(woken.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        shard.call((net, now) -> order.add("next"));
        shard.wake(() -> order.add("from outside"));
      }
      assertThat(order)
          .containsExactly(late ? "task" : "wake", late ? "wake" : "task", "next", "from outside");
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void theEndOfTheShardWakesWhoIsLeft(UdpMode mode) {
    CountDownLatch woken = new CountDownLatch(1);
    Shard shard = shard(mode, 0, 1).wakesLate(true).start();
    shard.submit((net, now) -> {
      shard.wake(woken::countDown);
      throw new AssertionError("the shard dies in this turn");
    });
    shard.close();
    assertThat(woken.getCount()).isZero();
  }

  @ParameterizedTest
  @MethodSource("modes")
  void wakesForDeadlines(UdpMode mode) throws Exception {
    try (Shard shard = shard(mode, 0, 1).start()) {
      FakeEngine fake = fakes.getFirst();
      for (int i = 0; i < 3; i++) {
        long at =
            shard.call((net, now) -> {
              fake.deadline = now + 5_000_000;
              return fake.deadline;
            });
        Long ran = fake.timers.poll(SECONDS, TimeUnit.SECONDS);
        assertThat(ran).isNotNull().isGreaterThanOrEqualTo(at);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void carriesDatagramsBothWays(UdpMode mode) throws Exception {
    try (Shard a = shard(mode, 0, 1).start();
        Shard b = shard(mode, 0, 1).start()) {
      FakeEngine fa = fakes.get(0);
      FakeEngine fb = fakes.get(1);
      int pa = a.call((net, now) -> fa.host.bindUdp(LOOPBACK, false));
      int pb = b.call((net, now) -> fb.host.bindUdp(LOOPBACK, false));
      SockAddr to = b.call((net, now) -> fb.host.udpAddress(pb));
      fb.echo = true;
      for (int i = 1; i <= 50; i++) {
        byte[] bytes = new byte[i];
        a.submit((net, now) -> fa.send(pa, to, bytes));
        byte[] there = fb.received.poll(SECONDS, TimeUnit.SECONDS);
        byte[] back = fa.received.poll(SECONDS, TimeUnit.SECONDS);
        assertThat(there).hasSize(i);
        assertThat(back).hasSize(i);
      }
      // On the shard's thread, behind the last send and its count.
      long in = b.call((net, now) -> b.stats().get(Counter.RX_DATAGRAMS));
      assertThat(in).isEqualTo(50);
      long out = b.call((net, now) -> b.stats().get(Counter.TX_DATAGRAMS));
      assertThat(out).isEqualTo(50);
      b.call((net, now) -> {
        fb.host.unbindUdp(pb);
        return fb.host.bindUdp(to, false);
      });
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void survivesACoreThatThrows(UdpMode mode) throws Exception {
    try (Shard a = shard(mode, 0, 1).start()) {
      FakeEngine fake = fakes.getFirst();
      int port = a.call((net, now) -> fake.host.bindUdp(LOOPBACK, false));
      SockAddr self = a.call((net, now) -> fake.host.udpAddress(port));
      fake.throwing = true;
      a.submit((net, now) -> fake.send(port, self, new byte[9]));
      while (a.stats().get(Counter.CORE_FAILURES) == 0) {
        Thread.onSpinWait();
      }
      fake.throwing = false;
      a.submit((net, now) -> fake.send(port, self, new byte[10]));
      assertThat(fake.received.poll(SECONDS, TimeUnit.SECONDS)).hasSize(10);
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void sleepsWhenIdle(UdpMode mode) throws Exception {
    try (Shard shard = shard(mode, 0, 1).start()) {
      FakeEngine fake = fakes.getFirst();
      shard.call((net, now) -> 0);
      // Asleep for good: the turn counter stands still however long we look.
      int seen = -1;
      for (int same = 0; same < 2_000_000; same++) {
        int now = fake.turns.get();
        if (now != seen) {
          seen = now;
          same = 0;
        }
        Thread.onSpinWait();
      }
      assertThat(shard.<Integer>call((net, now) -> 1)).isEqualTo(1);
      assertThat(shard.stats().get(Counter.SLEEPS)).isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void stopsAndRefusesWork(UdpMode mode) throws Exception {
    Shard shard = shard(mode, 0, 1).start();
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      shard.submit((net, now) -> ran.incrementAndGet());
    }
    shard.close();
    assertThat(ran).hasValue(100);
    assertThat(shard.submit((net, now) -> {})).isFalse();
    assertThatThrownBy(() -> shard.call((net, now) -> 1)).isInstanceOf(IllegalStateException.class);
    assertThat(shard.failure()).isNull();
    shard.close();
  }

  @ParameterizedTest
  @MethodSource("modes")
  void handsDatagramsToTheirOwner(UdpMode mode) throws Exception {
    Shard first = shard(mode, 0, 2);
    Shard second = shard(mode, 1, 2);
    try (Shards all = Shards.of(List.of(first, second))) {
      first.start();
      second.start();
      FakeEngine fb = fakes.get(1);
      second.call((net, now) -> fb.host.bindUdp(LOOPBACK, false));
      SockAddr at = second.call((net, now) -> fb.host.udpAddress(0));
      SockAddr stranger = SockAddr.v4(0x7f000001, 5);
      assertThat(all.get(1).forwarded(new byte[33], (byte) 0, at, stranger)).isTrue();
      byte @Nullable [] got = fb.received.poll(SECONDS, TimeUnit.SECONDS);
      assertThat(got).hasSize(33);
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void fullRingIsBackPressure(UdpMode mode) throws Exception {
    try (Shard shard = shard(mode, 0, 1).start()) {
      CountDownLatch hold = new CountDownLatch(1);
      CountDownLatch held = new CountDownLatch(1);
      shard.submit((net, now) -> {
        held.countDown();
        try {
          hold.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      assertThat(held.await(SECONDS, TimeUnit.SECONDS)).isTrue();
      int taken = 0;
      while (shard.submit((net, now) -> {})) {
        taken++;
      }
      hold.countDown();
      assertThat(taken).isEqualTo(IoLimits.RING_TASKS);
      assertThat(shard.stats().get(Counter.RING_FULL)).isEqualTo(1);
    }
  }
}
