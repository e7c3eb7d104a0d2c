package dev.quic.dataplane.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that take a shard's turns in place of its own. */
@Timeout(60)
class LeadTest {
  private static final SockAddr LOOPBACK = SockAddr.v4(0x7f000001, 0);
  private static final int SECONDS = 20;
  private static final long NEVER = Long.MAX_VALUE;

  private final List<FakeEngine> fakes = new ArrayList<>();
  private Shard shard = shard(UdpMode.NIO);

  private Shard shard(UdpMode mode) {
    return FakeEngine.shard(mode, 0, 1, fakes);
  }

  @BeforeEach
  void start() {
    assumeTrue(LinuxSupport.available());
    shard = shard(UdpMode.LINUX).start();
  }

  @AfterEach
  void stop() {
    shard.close();
  }

  /** Starts a thread that leads until {@code done}, and waits until it does. */
  private Thread leader(BooleanSupplier done) throws InterruptedException {
    Thread t =
        Thread.ofPlatform()
            .start(() -> {
              while (!done.getAsBoolean() && !shard.isStopped()) {
                if (!shard.lead(done, NEVER)) {
                  Thread.onSpinWait();
                } else if (Thread.currentThread().isInterrupted()) {
                  return;
                }
              }
            });
    while (shard.<Thread>call((net, now) -> Thread.currentThread()) != t) {
      Thread.onSpinWait();
    }
    return t;
  }

  private static void over(Thread t) throws InterruptedException {
    assertThat(t.join(Duration.ofSeconds(SECONDS))).isTrue();
  }

  @Test
  void takesTurnsUntilWhatItWaitsForIsThere() throws Exception {
    FakeEngine fake = fakes.getFirst();
    try (Shard far = shard(UdpMode.LINUX).start()) {
      FakeEngine echo = fakes.get(1);
      echo.echo = true;
      int there = far.call((net, now) -> echo.host.bindUdp(LOOPBACK, false));
      SockAddr to = far.call((net, now) -> echo.host.udpAddress(there));
      int here = shard.call((net, now) -> fake.host.bindUdp(LOOPBACK, false));
      Thread me = Thread.currentThread();
      int byMe = 0;
      for (int i = 1; byMe < 10; i = i % 100 + 1) {
        byte[] bytes = new byte[i];
        shard.submitHere((net, now) -> fake.send(here, to, bytes));
        shard.lead(() -> !fake.received.isEmpty(), NEVER);
        assertThat(fake.received.poll(SECONDS, TimeUnit.SECONDS)).hasSize(i);
        byMe += fake.receiver == me ? 1 : 0;
      }
    }
  }

  @Test
  void doesWhatOthersHandIn() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    Thread leader = leader(done::get);
    for (int i = 0; i < 1000; i++) {
      assertThat(shard.<Thread>call((net, now) -> Thread.currentThread())).isSameAs(leader);
    }
    assertThat(shard.isShardThread()).isFalse();
    assertThat(shard.<Boolean>call((net, now) -> shard.isShardThread())).isTrue();
    done.set(true);
    shard.nudge();
    over(leader);
    // And the shard's thread is there again.
    assertThat(shard.<Thread>call((net, now) -> Thread.currentThread())).isNotSameAs(leader);
  }

  @Test
  void oneAtATime() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    Thread leader = leader(done::get);
    assertThat(shard.lead(() -> false, NEVER)).isFalse();
    done.set(true);
    shard.nudge();
    over(leader);
  }

  @Test
  void anInterruptEndsIt() throws Exception {
    Thread leader = leader(() -> false);
    leader.interrupt();
    over(leader);
    assertThat(shard.<Integer>call((net, now) -> 7)).isEqualTo(7);
  }

  @Test
  void theDeadlineEndsIt() throws Exception {
    AtomicBoolean first = new AtomicBoolean();
    over(leaderOnce(first));
    long deadline = System.nanoTime() + 5_000_000;
    while (!shard.lead(() -> false, deadline)) {
      Thread.onSpinWait();
    }
    assertThat(System.nanoTime() - deadline).isNotNegative();
  }

  /** One that leads and leaves, after which the shard can be led. */
  private Thread leaderOnce(AtomicBoolean done) throws InterruptedException {
    Thread t = leader(done::get);
    done.set(true);
    shard.nudge();
    return t;
  }

  @Test
  void theShardsStopEndsIt() throws Exception {
    Thread leader = leader(() -> false);
    shard.close();
    over(leader);
    assertThat(shard.lead(() -> false, NEVER)).isFalse();
    assertThat(shard.submitHere((net, now) -> {})).isFalse();
    assertThat(shard.failure()).isNull();
  }

  @Test
  void virtualThreadsAreSentAway() throws Exception {
    over(leaderOnce(new AtomicBoolean()));
    AtomicReference<Boolean> led = new AtomicReference<>();
    Thread.ofVirtual().start(() -> led.set(shard.lead(() -> true, NEVER))).join();
    assertThat(led).hasValue(false);
  }

  @Test
  void thePortablePollerIsNotShared() throws Exception {
    try (Shard nio = shard(UdpMode.NIO).start()) {
      for (int i = 0; i < 100; i++) {
        assertThat(nio.lead(() -> true, NEVER)).isFalse();
        CountDownLatch ran = new CountDownLatch(1);
        assertThat(nio.submitHere((net, now) -> ran.countDown())).isTrue();
        assertThat(ran.await(SECONDS, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  void timersRunWhoeverLeadsOrLeft() throws Exception {
    FakeEngine fake = fakes.getFirst();
    for (int i = 0; i < 20; i++) {
      AtomicBoolean done = new AtomicBoolean();
      Thread leader = leader(done::get);
      long first = shard.call((net, now) -> fake.deadline = now + 2_000_000);
      assertThat(fake.timers.poll(SECONDS, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(first);
      // The leader leaves with a timer running: the shard's thread has to take it over.
      long second =
          shard.call((net, now) -> {
            done.set(true);
            return fake.deadline = now + 2_000_000;
          });
      over(leader);
      assertThat(fake.timers.poll(SECONDS, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(second);
    }
  }

  @Test
  void whileAllSleepACallerTakesOneTurn() throws Exception {
    over(leaderOnce(new AtomicBoolean()));
    FakeEngine fake = fakes.getFirst();
    Thread me = Thread.currentThread();
    @Nullable Thread[] ran = new Thread[1];
    while (ran[0] != me) {
      CountDownLatch done = new CountDownLatch(1);
      assertThat(
              shard.submitHere((net, now) -> {
                ran[0] = Thread.currentThread();
                fake.deadline = now + 1_000_000;
                done.countDown();
              }))
          .isTrue();
      assertThat(done.await(SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(fake.timers.poll(SECONDS, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void whatSettlesWaitsForALookAtThePorts() throws Exception {
    over(leaderOnce(new AtomicBoolean()));
    FakeEngine fake = fakes.getFirst();
    int port = shard.call((net, now) -> fake.host.bindUdp(LOOPBACK, false));
    SockAddr self = shard.call((net, now) -> fake.host.udpAddress(port));
    for (int i = 0; i < 200; i++) {
      CountDownLatch settled = new CountDownLatch(1);
      shard.submitHere((net, now) -> {
        fake.send(port, self, new byte[3]);
        shard.settled(settled::countDown);
      });
      assertThat(settled.await(SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(fake.received.poll()).hasSize(3);
    }
  }

  @Test
  void aLeaderOutlivesACoreThatDies() throws Exception {
    FakeEngine fake = fakes.getFirst();
    Thread leader = leader(() -> false);
    shard.submit((net, now) -> fake.dying = true);
    over(leader);
    while (!shard.isStopped()) {
      Thread.onSpinWait();
    }
    assertThat(shard.failure()).hasMessage("on purpose");
  }

  /** As of one that ends on its own thread. */
  @Test
  void aShardThatEndsOnALeadersThreadIsTold() throws Exception {
    List<String> notices = new CopyOnWriteArrayList<>();
    Shard told =
        new Shard(
            new ShardConfig(UdpMode.LINUX, 0, 1),
            EventSink.NONE,
            new SystemEntropy(),
            notices::add,
            (config, host) -> new FakeEngine(host));
    told.start();
    BooleanSupplier broken =
        () -> {
          throw new AssertionError("on purpose");
        };
    while (!told.isStopped()) {
      var unused = told.lead(broken, NEVER);
      Thread.onSpinWait();
    }
    assertThat(notices).containsExactly("shard 0 died: java.lang.AssertionError: on purpose");
  }
}
