package dev.quic.dataplane.io;

import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who takes a shard's turns: whoever holds this. The shard's own thread has it for good until a
 * program of the same process first has to wait for the shard. From then on the shard's thread lets
 * go of it while it sleeps, and a program's thread that waits takes the turns itself, in the poller
 * and all: it is the leader, and what it waits for reaches it without another thread being woken. A
 * program that hands in work while everybody sleeps takes one turn with it.
 *
 * <p>What a turn touches is guarded by this, so whoever takes one sees what the last one left.
 */
final class Baton {
  /** Looks at a baton that is held before a program's thread waits like any other. */
  private static final int TRIES = 64;

  private final ReentrantLock lock = new ReentrantLock();
  private final Shard shard;
  private final Poller poller;
  private final DutyCycle cycle;
  private final InterruptWakeup interrupts;

  /** Set for good by the first who would lead. */
  private volatile boolean shared;

  /** Somebody would like to lead: nobody looks on with nothing to do meanwhile. */
  private volatile boolean wanted;

  private volatile @Nullable Thread leader;
  private volatile @Nullable Standby standby;

  /** When the shard's thread looks by itself, on the shard's clock. */
  private volatile long standsUntil = Long.MAX_VALUE;

  /** What was due when somebody last let go. */
  private volatile long leftDue = Long.MAX_VALUE;

  // For the holder.

  /** When the leader looks by itself. */
  private long leadsUntil = Long.MAX_VALUE;

  /** The poller is closed, or about to be. */
  private boolean over;

  /** The calling thread, the shard's own, has it. */
  Baton(Shard shard, Poller poller, DutyCycle cycle) {
    this.shard = shard;
    this.poller = poller;
    this.cycle = cycle;
    interrupts = new InterruptWakeup(poller::wakeup);
    lock.lock();
  }

  /** Whether the calling thread has it. */
  boolean held() {
    return lock.isHeldByCurrentThread();
  }

  boolean wanted() {
    return wanted;
  }

  /** Takes all turns that no one else takes, until the shard stops. The shard's thread. */
  void run() {
    try {
      DutyCycle.Sleep alone = this::sleepAlone;
      while (!shared && !shard.isStopping()) {
        cycle.turn(alone);
      }
      Standby aside = shared ? poller.standby() : null;
      standby = aside;
      DutyCycle.Sleep sleep = aside == null ? alone : nanos -> standAside(aside, nanos);
      while (!shard.isStopping()) {
        cycle.turn(sleep);
      }
    } finally {
      evict();
    }
  }

  /** The shard's thread takes no more turns; {@link #run} has come to its end. */
  void finish() {
    over = true;
    lock.unlock();
  }

  private boolean sleepAlone(long nanos) {
    LateWakes.run(cycle.late().take());
    return poller.poll(nanos, cycle) > 0;
  }

  /** Sleeps without the baton, on while somebody leads. */
  private boolean standAside(Standby aside, long nanos) {
    long left = nanos;
    standsUntil = until(left);
    do {
      List<Runnable> wakes = cycle.late().take();
      lock.unlock();
      try {
        LateWakes.run(wakes);
        aside.await(left);
        while (leader != null && !shard.isStopping()) {
          left = whileLed();
          standsUntil = until(left);
          // Who stops leading looks at that time after it is known that nobody leads.
          if (leader != null) {
            aside.await(left);
          }
        }
      } finally {
        lock.lock();
      }
      left = 0;
    } while (leader != null && !shard.isStopping());
    return leader == null && poller.poll(0, cycle) > 0;
  }

  /**
   * How long to sleep beside a leader. Not for longer than what was due when the last one left, or
   * each that leaves would wake us for the same.
   */
  private long whileLed() {
    long soon = MonotonicClock.now() + IoLimits.LEAST_STANDBY_NANOS;
    long due = Math.min(cycle.deadline(), leftDue > soon ? leftDue : Long.MAX_VALUE);
    return Math.max(due, soon) - MonotonicClock.now();
  }

  private static long until(long nanos) {
    long now = MonotonicClock.now();
    return nanos < Long.MAX_VALUE - now ? now + nanos : Long.MAX_VALUE;
  }

  /** Has the leader leave, since the shard stops. */
  private void evict() {
    while (leader != null) {
      lock.unlock();
      poller.wakeup();
      LockSupport.parkNanos(IoLimits.EVICT_NANOS);
      lock.lock();
    }
  }

  /** Takes turns until {@code done}, if that is possible. As {@link Shard#lead}. */
  boolean lead(BooleanSupplier done, long deadline) {
    Standby aside = standby;
    if (aside == null || leader != null || Thread.currentThread().isVirtual() || !grab()) {
      share();
      return false;
    }
    if (over || leader != null || lock.getHoldCount() > 1) {
      lock.unlock();
      return false;
    }
    Thread me = Thread.currentThread();
    leader = me;
    aside.watch(false);
    shard.awake();
    try {
      DutyCycle.Sleep sleep = nanos -> sleepLeading(aside, nanos, deadline);
      VarHandle.fullFence();
      while (!done.getAsBoolean()
          && !shard.isStopping()
          && !me.isInterrupted()
          && (deadline == Long.MAX_VALUE || deadline - System.nanoTime() > 0)) {
        cycle.turn(sleep);
      }
    } catch (RuntimeException | Error e) {
      shard.failed(e);
    } finally {
      leader = null;
      aside.watch(true);
      leave();
    }
    return true;
  }

  private boolean grab() {
    if (lock.tryLock()) {
      return true;
    }
    wanted = true;
    try {
      for (int i = 0; i < TRIES; i++) {
        Thread.onSpinWait();
        if (lock.tryLock()) {
          return true;
        }
      }
      return false;
    } finally {
      wanted = false;
    }
  }

  private void share() {
    if (!shared) {
      shared = true;
      poller.wakeup();
    }
  }

  private boolean sleepLeading(Standby aside, long nanos, long deadline) {
    long most = nanos;
    if (deadline != Long.MAX_VALUE) {
      most = Math.min(most, Math.max(0, deadline - System.nanoTime()));
    }
    leadsUntil = until(most);
    int found;
    List<Runnable> wakes = cycle.late().take();
    lock.unlock();
    try {
      LateWakes.run(wakes);
      interrupts.sleeps();
      found = aside.lead(most);
    } finally {
      interrupts.woken();
      lock.lock();
    }
    return aside.take(found, cycle) > 0;
  }

  /** Lets go, unless it must not be that nobody is about to look. */
  private void leave() {
    long looks = leader == null ? standsUntil : leadsUntil;
    leftDue = cycle.deadline();
    boolean late = cycle.deadline() < looks - IoLimits.LOOK_SLACK_NANOS;
    boolean due = cycle.hasWork() || late || !shard.fallAsleep();
    List<Runnable> wakes = cycle.late().take();
    lock.unlock();
    if (due) {
      poller.wakeup();
    }
    LateWakes.run(wakes);
  }

  /**
   * Takes one turn for what is in the ring, if nobody else is at it.
   *
   * @return false when somebody else has to
   */
  boolean turn() {
    if (standby == null || !lock.tryLock()) {
      share();
      return false;
    }
    if (over || lock.getHoldCount() > 1) {
      lock.unlock();
      return false;
    }
    shard.awake();
    try {
      cycle.turnOnly();
    } catch (RuntimeException | Error e) {
      shard.failed(e);
    } finally {
      leave();
    }
    return true;
  }

  /** Has the leader look at what it waits for. Any thread. */
  void nudge() {
    Thread l = leader;
    if (l != null && l != Thread.currentThread()) {
      poller.wakeup();
    }
  }
}
