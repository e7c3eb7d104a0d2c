package dev.quic.dataplane.io;

import dev.quic.dataplane.core.connid.ShardCodec;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.Entropy;
import dev.quic.dataplane.core.protocol.Host;
import dev.quic.dataplane.core.protocol.NetConfig;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.io.ShardStats.Counter;
import dev.quic.uapi.Errno;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One thread that owns one {@link QuicNet}: its sockets, UDP ports, timers and poller. Everybody
 * else reaches it by {@link #submit} and {@link #call}.
 */
public final class Shard implements AutoCloseable {
  private static final long FULL_RING_PAUSE_NANOS = 50_000;
  private static final long STOP_CHECK_MILLIS = 100;

  private final ShardConfig config;
  private final EventSink events;
  private final Entropy entropy;
  private final Consumer<String> notices;
  private final BiFunction<NetConfig, Host, Engine> engines;
  private final TaskRing<ShardTask> ring = new TaskRing<>(IoLimits.RING_TASKS);
  private final ShardStats stats = new ShardStats();
  private final CountDownLatch started = new CountDownLatch(1);
  private final Set<Runnable> waiters = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private boolean wakesLate = Runtime.getRuntime().availableProcessors() == 1;

  /** Set before the shard sleeps, cleared by whoever wakes it. */
  private volatile boolean sleeping;

  private volatile boolean stopping;
  private volatile boolean stopped;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Poller poller;
  private @Nullable Shards peers;
  private volatile @Nullable DutyCycle cycle;
  private volatile @Nullable Baton baton;

  /**
   * A shard, not yet started.
   *
   * @param events told on the shard's thread
   * @param entropy used on the shard's thread only; see {@link SystemEntropy}
   * @param notices one line each for a human; any thread
   */
  public Shard(ShardConfig config, EventSink events, Entropy entropy, Consumer<String> notices) {
    this(config, events, entropy, notices, (c, h) -> Engine.of(new QuicNet(c, h)));
  }

  /**
   * The same with something else in place of the core.
   *
   * @param engines makes it, on the shard's thread
   */
  public Shard(
      ShardConfig config,
      EventSink events,
      Entropy entropy,
      Consumer<String> notices,
      BiFunction<NetConfig, Host, Engine> engines) {
    this.config = config;
    this.events = events;
    this.entropy = entropy;
    this.notices = notices;
    this.engines = engines;
    thread = new Thread(this::run, "shard-" + config.index());
  }

  /** Whether {@link #wake} waits for the end of a turn. Before {@link #start}. */
  Shard wakesLate(boolean late) {
    wakesLate = late;
    return this;
  }

  void peers(Shards all) {
    peers = all;
  }

  @Nullable Shards peers() {
    return peers;
  }

  /** The index of the shard where a socket that binds this UDP port belongs. Any thread. */
  public int homeOf(int port) {
    Shards all = peers;
    return all == null ? config.index() : all.homeOf(port);
  }

  /**
   * Starts the thread and waits until it runs.
   *
   * @throws IllegalStateException when the poller or the core could not be made
   */
  public Shard start() {
    thread.start();
    try {
      started.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Throwable f = failure;
    if (f != null) {
      throw new IllegalStateException("shard " + config.index() + " did not start", f);
    }
    return this;
  }

  public ShardConfig config() {
    return config;
  }

  public ShardStats stats() {
    return stats;
  }

  EventSink events() {
    return events;
  }

  Entropy entropy() {
    return entropy;
  }

  TaskRing<ShardTask> ring() {
    return ring;
  }

  /** Whether the calling thread takes this shard's turn: the shard's own, or one that leads. */
  public boolean isShardThread() {
    Baton b = baton;
    return b == null ? Thread.currentThread() == thread : b.held();
  }

  /** Whether the calling thread takes the turn of another shard of the process. */
  public boolean isPeersThread() {
    Shards all = peers;
    if (all != null) {
      for (Shard s : all.all()) {
        if (s != this && s.isShardThread()) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Takes the shard's turns on the calling thread until {@code done}, so that what it waits for
   * reaches it without a thread being woken. Any thread outside the shard; a virtual one, which
   * could not give up its carrier meanwhile, is sent away, and so is everybody where the poller
   * cannot be shared.
   *
   * @param done looked at between turns; whoever makes it true elsewhere calls {@link #nudge}
   * @param deadline {@link System#nanoTime}; {@link Long#MAX_VALUE} for never
   * @return false when the caller has to wait in another way; true when it is done, the deadline
   *     has passed, the thread was interrupted (and still is) or the shard stops
   */
  public boolean lead(BooleanSupplier done, long deadline) {
    Baton b = baton;
    return b != null && b.lead(done, deadline);
  }

  /** Has a thread that {@link #lead}s look at what it waits for. Any thread. */
  public void nudge() {
    Baton b = baton;
    if (b != null) {
      b.nudge();
    }
  }

  /**
   * Hands over work. Any thread; never blocks.
   *
   * @return false when the ring is full or the shard is stopping: try later, or answer EAGAIN
   */
  public boolean submit(ShardTask task) {
    if (!offer(task)) {
      return false;
    }
    wake();
    return true;
  }

  private boolean offer(ShardTask task) {
    if (stopping) {
      return false;
    }
    if (!ring.offer(task)) {
      stats.addShared(Counter.RING_FULL, 1);
      return false;
    }
    return true;
  }

  /**
   * As {@link #submit}; while everybody sleeps, the calling thread takes the turn itself and the
   * work is done when this returns.
   */
  public boolean submitHere(ShardTask task) {
    if (!offer(task)) {
      return false;
    }
    Baton b = baton;
    if (!sleeping || b == null || !b.turn()) {
      wake();
    }
    return true;
  }

  /** Takes a datagram that another shard received. That shard's thread. */
  boolean forwarded(byte[] bytes, byte ecn, SockAddr local, SockAddr remote) {
    DutyCycle to = cycle;
    return to != null && submit((net, now) -> to.deliverForwarded(bytes, ecn, local, remote, now));
  }

  /** Whether the thread has ended: what was submitted and has not run never will. Any thread. */
  public boolean isStopped() {
    return stopped;
  }

  /**
   * Has {@code waiter} run once the thread has ended, at once when it has; on that thread or the
   * caller's, perhaps twice. Any thread.
   */
  public void whenStopped(Runnable waiter) {
    waiters.add(waiter);
    if (stopped) {
      waiter.run();
    }
  }

  /** Undoes {@link #whenStopped}. Any thread. */
  public void forget(Runnable waiter) {
    waiters.remove(waiter);
  }

  private void wake() {
    if (sleeping) {
      sleeping = false;
      Poller p = poller;
      if (p != null) {
        p.wakeup();
      }
    }
  }

  /**
   * Runs work on the shard and waits for its answer; at once when called on the shard's own thread.
   *
   * @throws IllegalStateException when the shard stops before the answer
   * @throws InterruptedException when interrupted while waiting; the work may still run
   */
  public <T extends @Nullable Object> T call(ShardCall<T> work) throws InterruptedException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    ShardTask task =
        (net, now) -> {
          try {
            answer.complete(work.run(net, now));
          } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
          }
        };
    DutyCycle own = cycle;
    if (isShardThread() && own != null) {
      own.runNow(task);
      return join(answer);
    }
    while (!submit(task)) {
      if (stopping) {
        throw new IllegalStateException("shard " + config.index() + " is stopped");
      }
      LockSupport.parkNanos(FULL_RING_PAUSE_NANOS);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    while (true) {
      try {
        return answer.get(STOP_CHECK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (stopped && !answer.isDone()) {
          throw new IllegalStateException("shard " + config.index() + " is stopped", e);
        }
      } catch (ExecutionException e) {
        throw rethrown(e.getCause() == null ? e : e.getCause());
      }
    }
  }

  private static <T extends @Nullable Object> T join(CompletableFuture<T> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw rethrown(e.getCause() == null ? e : e.getCause());
    }
  }

  private static RuntimeException rethrown(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    return t instanceof RuntimeException r ? r : new IllegalStateException(t);
  }

  /**
   * Watches a descriptor that is not a UDP port. On the shard's thread; Linux port only.
   *
   * @param events {@link FdHandler} bits
   * @return 0, or a negated errno: EOPNOTSUPP with the portable port, EEXIST, EBADF, EPERM
   */
  public int watchFd(int fd, int events, FdHandler handler) {
    Poller p = ownPoller();
    return p == null ? -Errno.EINVAL : p.watchFd(fd, events, handler);
  }

  /**
   * Changes what a descriptor is watched for; 0 stops watching, to be done before it is closed. On
   * the shard's thread.
   */
  public int changeFd(int fd, int events) {
    Poller p = ownPoller();
    return p == null ? -Errno.EINVAL : p.changeFd(fd, events);
  }

  /** Whether listeners on one address can be on all shards: the system deals out the clients. */
  public boolean dealsOutClients() {
    return config.count() > 1 && config.udp().useLinux();
  }

  /**
   * Has the system bring datagrams with a connection id of ours to the shard that issued it, once
   * each shard has opened an address, one after the other by index. On the shard's thread.
   *
   * @param handle of this shard's UDP port
   * @param homeIndex of the shard that opened it first
   */
  public void steer(int handle, int homeIndex) {
    DutyCycle turns = cycle;
    if (turns != null && config.ids() == ShardCodec.CODEC) {
      turns.steer(handle, homeIndex, config.count());
    }
  }

  /** Tells a human something in one line. Any thread. */
  public void notice(String line) {
    notices.accept(line);
  }

  /** Takes a guest in, or shows the present one out with null. On the shard's thread. */
  public void host(@Nullable Guest guest) {
    DutyCycle turns = cycle;
    if (turns == null || !isShardThread()) {
      throw new IllegalStateException("only on the shard's own thread");
    }
    turns.host(guest);
  }

  /**
   * Has {@code work} run once a turn has found nothing to receive after this one: what two sockets
   * of this shard, or of this machine if the other's shard is awake, had to say to each other is
   * said. After {@link IoLimits#SETTLE_TURNS} turns at most, or when the shard stops. On the
   * shard's thread.
   */
  public void settled(Runnable work) {
    DutyCycle turns = cycle;
    if (turns == null || !isShardThread()) {
      throw new IllegalStateException("only on the shard's own thread");
    }
    turns.settled(work);
  }

  /**
   * Has {@code wake} run, which wakes a program's thread. On a machine with one processor a wake-up
   * out of a turn waits until the shard sleeps, or for some turns; else it is done at once. Any
   * thread.
   */
  public void wake(Runnable wake) {
    DutyCycle turns = cycle;
    if (wakesLate && turns != null && isShardThread()) {
      turns.late().add(wake);
    } else {
      wake.run();
    }
  }

  /** Name of what protects its packets; any thread. */
  public String aead() {
    return config.aeads().name();
  }

  private @Nullable Poller ownPoller() {
    if (!isShardThread()) {
      throw new IllegalStateException("only on the shard's own thread");
    }
    return poller;
  }

  private void run() {
    try (Poller p = openPoller()) {
      poller = p;
      Shards all = peers;
      PortHomes homes = all == null ? new PortHomes() : all.homes();
      ShardHost host =
          new ShardHost(config.index(), config.count(), p, homes, events, entropy, stats, notices);
      Engine engine =
          engines.apply(
              new NetConfig(
                  config.index(),
                  config.count(),
                  config.maxDatagram(),
                  config.ids(),
                  config.aeads(),
                  all == null ? null : all.secret()),
              host);
      DutyCycle turns = new DutyCycle(this, p, host, engine);
      cycle = turns;
      Baton b = new Baton(this, p, turns);
      baton = b;
      started.countDown();
      try {
        b.run();
        turns.finish();
      } finally {
        host.ports().closeAll();
        List<Runnable> wakes = turns.late().take();
        b.finish();
        LateWakes.run(wakes);
      }
    } catch (RuntimeException | Error e) {
      failure = e;
      if (started.getCount() == 0) {
        notices.accept("shard " + config.index() + " died: " + e);
      }
    } finally {
      stopping = true;
      stopped = true;
      started.countDown();
      waiters.forEach(Runnable::run);
    }
  }

  private Poller openPoller() {
    BufferNotice notice = new BufferNotice(notices);
    return config.udp().useLinux() ? new LinuxPoller(notice) : new NioPoller(notice);
  }

  /** Announces sleep; false when work came in meanwhile. */
  boolean fallAsleep() {
    sleeping = true;
    if (!ring.isEmpty() || stopping) {
      sleeping = false;
      return false;
    }
    return true;
  }

  boolean isStopping() {
    return stopping;
  }

  boolean isWanted() {
    Baton b = baton;
    return b != null && b.wanted();
  }

  /** A turn threw, on a thread that is not the shard's. */
  void failed(Throwable e) {
    if (failure == null) {
      notices.accept("shard " + config.index() + " died: " + e);
    }
    failure = e;
    stopping = true;
  }

  void awake() {
    sleeping = false;
  }

  /** What ended the thread early; null while it lives or after an orderly stop. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /**
   * Stops: work already submitted still runs, ports are closed. Connections are not told; whoever
   * wants that closes the sockets before.
   */
  @Override
  public void close() {
    stopping = true;
    sleeping = true;
    wake();
    if (!isShardThread() && thread.getState() != Thread.State.NEW) {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
