package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.io.FdHandler;
import dev.quic.dataplane.io.Guest;
import dev.quic.dataplane.io.MonotonicClock;
import dev.quic.dataplane.io.Shard;
import dev.quic.dataplane.io.ShardTask;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** The way into a real shard. */
public final class IoLink implements ShardLink {
  /** Looks at a full ring before pausing. */
  private static final int SPINS = 64;

  private static final long PAUSE_NANOS = 20_000;

  private final Shard shard;
  private final Predicate<ShardTask> submit;
  private final Predicate<ShardTask> submitHere;
  private List<ShardLink> others = List.of();

  public IoLink(Shard shard) {
    this.shard = shard;
    submit = shard::submit;
    submitHere = shard::submitHere;
  }

  @Override
  public int index() {
    return shard.config().index();
  }

  @Override
  public boolean post(ShardTask task) {
    return post(task, submit);
  }

  @Override
  public boolean postHere(ShardTask task) {
    return post(task, submitHere);
  }

  @Override
  public boolean lead(BooleanSupplier done, long deadline) {
    return shard.lead(done, deadline);
  }

  @Override
  public void nudge() {
    shard.nudge();
  }

  @Override
  public void wake(Runnable wake) {
    shard.wake(wake);
  }

  private boolean post(ShardTask task, Predicate<ShardTask> way) {
    if (shard.isShardThread()) {
      return postOwn(task);
    }
    for (int i = 0; !way.test(task); i++) {
      if (isStopped()) {
        return false;
      }
      if (shard.isPeersThread()) {
        // Two shards that waited for each other's full rings would wait for ever.
        Thread.ofVirtual().start(() -> post(task, way));
        return true;
      }
      if (i < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    return true;
  }

  /** The shard must not wait for itself: what its full ring does not take runs at once. */
  private boolean postOwn(ShardTask task) {
    if (shard.submit(task)) {
      return true;
    }
    if (isStopped()) {
      return false;
    }
    runNow(task);
    return true;
  }

  @Override
  public void runNow(ShardTask task) {
    try {
      shard.call((net, now) -> {
        task.run(net, now);
        return 0;
      });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public int homeOf(int port) {
    return shard.homeOf(port);
  }

  /** Links the shards of a process with each other, each at its index. Before they are used. */
  public static void acquaint(List<IoLink> all) {
    for (int i = 0; i < all.size(); i++) {
      IoLink link = all.get(i);
      if (link.shard.dealsOutClients()) {
        List<ShardLink> others = new ArrayList<>(all.subList(i + 1, all.size()));
        others.addAll(all.subList(0, i));
        link.others = List.copyOf(others);
      }
    }
  }

  @Override
  public List<ShardLink> others() {
    return others;
  }

  @Override
  public void steer(int handle, int first) {
    shard.steer(handle, first);
  }

  @Override
  public void notice(String line) {
    shard.notice(line);
  }

  @Override
  public boolean onThread() {
    return shard.isShardThread();
  }

  @Override
  public void settled(Runnable work) {
    shard.settled(work);
  }

  @Override
  public long now() {
    return MonotonicClock.now();
  }

  /**
   * Has a guest live on the shard's thread.
   *
   * @param fd descriptor that is readable when the guest should have a turn; {@code ready} is told
   * @return false when this shard cannot watch descriptors, or has stopped
   */
  public boolean host(Guest guest, int fd, Runnable ready) {
    try {
      int r =
          shard.call((net, now) -> {
            int watched = shard.watchFd(fd, FdHandler.IN, (events, at) -> ready.run());
            if (watched >= 0) {
              shard.host(guest);
            }
            return watched;
          });
      return r >= 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (IllegalStateException e) {
      // Stopped meanwhile.
      return false;
    }
  }

  /** Shows the guest out. On the shard's thread. */
  public void unhost(int fd) {
    shard.changeFd(fd, 0);
    shard.host(null);
  }

  @Override
  public boolean isStopped() {
    return shard.isStopped();
  }

  @Override
  public void whenStopped(Runnable waiter) {
    shard.whenStopped(waiter);
  }

  @Override
  public void forget(Runnable waiter) {
    shard.forget(waiter);
  }
}
