package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.io.ShardTask;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A shard without a core: one thread that runs what is posted, and then wakes the fake sockets. */
public final class ThreadLink implements ShardLink, AutoCloseable {
  private static final ShardTask STOP = (net, now) -> {};

  private final LinkedBlockingQueue<ShardTask> tasks = new LinkedBlockingQueue<>();
  private final ArrayDeque<Runnable> wakes = new ArrayDeque<>();
  private final Set<Runnable> waiters = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean stopped;

  public ThreadLink() {
    thread = Thread.ofPlatform().name("fake-shard").daemon().start(this::loop);
  }

  /** A watcher call to make after the current task; on the fake shard only. */
  void later(Runnable wake) {
    wakes.add(wake);
  }

  @SuppressWarnings("NullAway") // the fakes' tasks never look at a net
  private void loop() {
    try {
      for (ShardTask t = tasks.take(); t != STOP; t = tasks.take()) {
        t.run((QuicNet) null, now());
        for (@Nullable Runnable w = wakes.poll(); w != null; w = wakes.poll()) {
          w.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stopped = true;
      waiters.forEach(Runnable::run);
    }
  }

  @Override
  public int index() {
    return 0;
  }

  @Override
  public boolean post(ShardTask task) {
    if (stopped) {
      return false;
    }
    tasks.add(task);
    return true;
  }

  @Override
  public boolean isStopped() {
    return stopped;
  }

  @Override
  public void whenStopped(Runnable waiter) {
    waiters.add(waiter);
    if (stopped) {
      waiter.run();
    }
  }

  @Override
  public void forget(Runnable waiter) {
    waiters.remove(waiter);
  }

  @Override
  public boolean onThread() {
    return Thread.currentThread() == thread;
  }

  @Override
  @SuppressWarnings("NullAway") // as above
  public void runNow(ShardTask task) {
    task.run((QuicNet) null, now());
  }

  @Override
  public void settled(Runnable work) {
    work.run();
  }

  @Override
  public long now() {
    return System.nanoTime();
  }

  @Override
  public void close() {
    tasks.add(STOP);
  }
}
