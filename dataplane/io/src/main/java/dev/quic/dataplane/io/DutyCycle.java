package dev.quic.dataplane.io;

import dev.quic.dataplane.core.connid.IdCodec;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.io.ShardStats.Counter;
import dev.quic.uapi.Errno;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The turns of one shard: tasks, packets, timers, flush, wake-ups; then a short look-out and sleep
 * until the next deadline. For whoever holds the shard's baton.
 */
final class DutyCycle implements Poller.Ready {
  private static final int TRACE_LINES = 6;

  /** How a turn sleeps before it begins. */
  @FunctionalInterface
  interface Sleep {
    /**
     * Waits at most {@code nanos}, then has the poller tell what it has.
     *
     * @return whether a descriptor had something
     */
    boolean sleep(long nanos);
  }

  private final Shard shard;
  private final Poller poller;
  private final ShardHost host;
  private final Engine engine;
  private final ShardStats stats;
  private final TaskRing<ShardTask> ring;
  private final Spinner spinner;
  private final RxBatch batch = new RxBatch(IoLimits.RX_SLAB_BYTES, IoLimits.RX_DATAGRAMS);
  private final int own;
  private final int shards;
  private final IdCodec ids;

  /** Ports that are readable in this turn. */
  private int[] ready = new int[16];

  private int readyCount;

  private @Nullable Guest guest;

  private final Settling settling = new Settling();
  private final LateWakes late = new LateWakes();

  /** Consecutive calls into the core that threw. */
  private int failures;

  /** How long the next poll may wait, nanoseconds. */
  private long wait;

  /** When the next turn is due at the latest. */
  private volatile long deadline = Long.MAX_VALUE;

  /** Whether the last turn left something to do at once. */
  private boolean work;

  DutyCycle(Shard shard, Poller poller, ShardHost host, Engine engine) {
    this.shard = shard;
    this.poller = poller;
    this.host = host;
    this.engine = engine;
    this.stats = shard.stats();
    this.ring = shard.ring();
    this.own = shard.config().index();
    this.shards = shard.config().count();
    this.ids = shard.config().ids();
    this.spinner = new Spinner(shard.config().busyPollMicros());
  }

  void host(@Nullable Guest newcomer) {
    guest = newcomer;
  }

  void settled(Runnable work) {
    settling.add(work);
  }

  /** Wake-ups that wait for the shard's sleep. */
  LateWakes late() {
    return late;
  }

  /** One turn, sleeping first if the last one found nothing to do. */
  void turn(Sleep sleep) {
    boolean found = await(sleep);
    proceed(found, true);
  }

  /** One turn for tasks and timers, by a thread that leaves the poller alone. */
  void turnOnly() {
    readyCount = 0;
    proceed(false, false);
  }

  /** Whether the last turn left something to do at once. */
  boolean hasWork() {
    return work;
  }

  /** When the next turn is due at the latest; {@link Long#MAX_VALUE} for never. */
  long deadline() {
    return deadline;
  }

  /**
   * @param found whether a descriptor had something
   * @param looked whether the poller was asked: only then has what travels had time to arrive
   */
  private void proceed(boolean found, boolean looked) {
    boolean active = found;
    long start = MonotonicClock.now();
    active |= runTasks(start) > 0;
    active |= guests(start);
    int received = receive();
    active |= received > 0;
    long now = MonotonicClock.now();
    timers(now);
    endOfTurn(now);
    active |= deliver();
    active |= looked && settling.turn(received > 0);
    if (guests(now)) {
      endOfTurn(MonotonicClock.now());
      active = true;
    }
    active |= host.takeSent();
    now = MonotonicClock.now();
    measure(now - start);
    plan(now, active);
    if (wait == 0) {
      late.awake();
    }
  }

  /** Polls, asleep if there is nothing else to do; true when a descriptor had something. */
  private boolean await(Sleep sleep) {
    readyCount = 0;
    if (wait == 0 || !shard.fallAsleep()) {
      return poller.poll(0, this) > 0;
    }
    stats.add(Counter.SLEEPS, 1);
    spinner.sleeps(MonotonicClock.now());
    boolean found = sleep.sleep(wait);
    shard.awake();
    if (found) {
      spinner.woken(MonotonicClock.now());
    }
    return found;
  }

  private boolean guests(long now) {
    Guest g = guest;
    return g != null && g.turn(now);
  }

  private void plan(long now, boolean active) {
    if (active) {
      spinner.active(now);
    }
    Guest g = guest;
    work = readyCount > 0 || host.hasWakes() || !ring.isEmpty() || !settling.isEmpty();
    work |= g != null && g.hasWork();
    long due = engine.nextDeadline();
    due = g == null ? due : Math.min(due, g.nextDeadline());
    deadline = due;
    if (work || (spinner.again(now) && !shard.isWanted())) {
      Thread.onSpinWait();
      wait = 0;
      return;
    }
    wait = due == Long.MAX_VALUE ? due : Math.max(0, due - now);
  }

  private void measure(long nanos) {
    stats.add(Counter.TURNS, 1);
    stats.max(Counter.LONGEST_TURN_NANOS, nanos);
    if (nanos > IoLimits.STALL_NANOS) {
      stats.add(Counter.STALLS, 1);
    }
  }

  private int runTasks(long now) {
    int n = 0;
    while (n < IoLimits.TASKS_PER_TURN) {
      ShardTask task = ring.poll();
      if (task == null) {
        break;
      }
      // Before it runs, so that whoever it answers finds it counted.
      stats.add(Counter.TASKS, 1);
      run(task, now);
      n++;
    }
    return n;
  }

  private void run(ShardTask task, long now) {
    try {
      engine.run(task, now);
    } catch (RuntimeException e) {
      stats.add(Counter.TASK_FAILURES, 1);
      shard.notice("a task threw: " + e);
    }
  }

  /** On the shard's thread, outside the ring; the turn under way flushes what it causes. */
  void runNow(ShardTask task) {
    run(task, MonotonicClock.now());
  }

  @Override
  public void udp(int handle, int events) {
    if ((events & FdHandler.OUT) != 0) {
      host.flush(handle);
    }
    if ((events & ~FdHandler.OUT) != 0) {
      if (readyCount == ready.length) {
        ready = Arrays.copyOf(ready, readyCount * 2);
      }
      ready[readyCount++] = handle;
    }
  }

  @Override
  public void fd(FdHandler handler, int events) {
    try {
      handler.ready(events, MonotonicClock.now());
    } catch (RuntimeException e) {
      stats.add(Counter.WATCHER_FAILURES, 1);
      shard.notice("a descriptor handler threw: " + e);
    }
  }

  private void timers(long now) {
    try {
      if (engine.nextDeadline() <= now) {
        engine.onTimer(now);
      }
      failures = 0;
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void endOfTurn(long now) {
    try {
      engine.endOfTurn(now);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void datagrams(long now) {
    try {
      engine.onDatagrams(now, batch);
    } catch (RuntimeException e) {
      failed(e);
    }
    batch.count = 0;
  }

  /**
   * The core threw, which is a bug. The other connections of the shard are worth more than a clean
   * death, unless it goes on throwing.
   */
  private void failed(RuntimeException e) {
    stats.add(Counter.CORE_FAILURES, 1);
    StringBuilder s = new StringBuilder("the core threw: ").append(e);
    StackTraceElement[] trace = e.getStackTrace();
    for (int i = 0; i < Math.min(trace.length, TRACE_LINES); i++) {
      s.append(" at ").append(trace[i]);
    }
    shard.notice(s.toString());
    if (++failures > IoLimits.CORE_FAILURES) {
      throw e;
    }
  }

  /** Takes from every ready port in turn until all are empty or have had their share. */
  private int receive() {
    int total = 0;
    for (int round = 0; readyCount > 0 && round < IoLimits.BATCHES_PER_PORT; round++) {
      int left = 0;
      for (int i = 0; i < readyCount; i++) {
        int handle = ready[i];
        UdpPort port = host.ports().get(handle);
        if (port == null) {
          continue;
        }
        int n = port.receive(batch, handle);
        total += n;
        if (full()) {
          process();
          ready[left++] = handle;
        }
      }
      readyCount = left;
      process();
    }
    return total;
  }

  /** Whether the batch could not take one more run. */
  private boolean full() {
    int n = batch.count;
    return n > batch.len.length - IoLimits.MAX_RUN_SEGMENTS
        || (n > 0
            && batch.slab.length - batch.off[n - 1] - batch.len[n - 1] < IoLimits.MAX_RUN_BYTES);
  }

  private void process() {
    if (shards > 1) {
      forwardStrangers();
    }
    if (batch.count == 0) {
      return;
    }
    long bytes = 0;
    for (int i = 0; i < batch.count; i++) {
      bytes += batch.len[i];
    }
    stats.add(Counter.RX_DATAGRAMS, batch.count);
    stats.add(Counter.RX_BYTES, bytes);
    datagrams(MonotonicClock.now());
  }

  /** Moves datagrams of other shards out of the batch into their rings. */
  private void forwardStrangers() {
    int kept = 0;
    for (int i = 0; i < batch.count; i++) {
      int owner = QuicNet.shardOf(ids, batch.slab, batch.off[i], batch.len[i]);
      if (owner < 0) {
        int named = QuicNet.shardNamed(ids, batch.slab, batch.off[i], batch.len[i]);
        owner = named >= 0 && named < shards && host.isOpenAt(named, batch.port[i]) ? named : -1;
      }
      if (owner >= 0 && owner < shards && owner != own && forward(owner, i)) {
        continue;
      }
      if (kept != i) {
        batch.off[kept] = batch.off[i];
        batch.len[kept] = batch.len[i];
        batch.ecn[kept] = batch.ecn[i];
        batch.local[kept] = batch.local[i];
        batch.remote[kept] = batch.remote[i];
        batch.port[kept] = batch.port[i];
      }
      kept++;
    }
    batch.count = kept;
  }

  private boolean forward(int owner, int i) {
    Shards all = shard.peers();
    if (all == null) {
      return false;
    }
    int from = batch.off[i];
    byte[] bytes = Arrays.copyOfRange(batch.slab, from, from + batch.len[i]);
    boolean taken = all.get(owner).forwarded(bytes, batch.ecn[i], batch.local[i], batch.remote[i]);
    stats.add(taken ? Counter.FORWARDED : Counter.FORWARD_DROPS, 1);
    return true;
  }

  /** See {@link Shard#steer}. */
  void steer(int handle, int first, int count) {
    UdpPort port = host.ports().get(handle);
    int r = port == null ? 0 : port.steer(first, count);
    if (r < 0) {
      shard.notice(
          "the system does not steer packets of listeners to their shards ("
              + Errno.name(r)
              + "): shards pass on what is not theirs, which is slower");
    }
  }

  /** Takes a datagram another shard received. */
  void deliverForwarded(byte[] bytes, byte ecn, SockAddr local, SockAddr remote, long now) {
    int handle = host.ports().find(local);
    if (handle < 0) {
      stats.add(Counter.FORWARD_DROPS, 1);
      return;
    }
    System.arraycopy(bytes, 0, batch.slab, 0, bytes.length);
    batch.off[0] = 0;
    batch.len[0] = bytes.length;
    batch.ecn[0] = ecn;
    batch.local[0] = local;
    batch.remote[0] = remote;
    batch.port[0] = handle;
    batch.count = 1;
    stats.add(Counter.RX_DATAGRAMS, 1);
    stats.add(Counter.RX_BYTES, bytes.length);
    datagrams(now);
  }

  /** Tells watchers, and flushes what they caused. */
  private boolean deliver() {
    boolean any = false;
    for (int round = 0; round < IoLimits.WAKE_ROUNDS && host.hasWakes(); round++) {
      host.deliverWakes();
      endOfTurn(MonotonicClock.now());
      any = true;
    }
    return any;
  }

  /** The last turn: what was submitted before the stop runs, and what it sends is sent. */
  void finish() {
    for (@Nullable ShardTask task = ring.poll(); task != null; task = ring.poll()) {
      run(task, MonotonicClock.now());
    }
    endOfTurn(MonotonicClock.now());
    deliver();
    settling.all();
  }
}
