package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.daemon.front.IoLink;
import dev.quic.dataplane.io.Guest;
import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.SeqPacketServer;
import dev.quic.uds.UdsPoller;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs every AF_UNIX descriptor of the data plane: the bus, control connections, data descriptors,
 * grants. It waits for nobody; what it has for a shard goes into the shard's ring, what a shard has
 * for it comes by {@link #execute}. It has a thread of its own, or lives on a shard's: where there
 * is one processor only, a second thread would cost two changes of context a call and gain nothing.
 */
public final class Conductor implements AutoCloseable, Guest {
  private static final Logger log = LoggerFactory.getLogger(Conductor.class);

  /** How long to look for more work before sleeping, nanoseconds: waking costs more than this. */
  private static final long SPIN_NANOS =
      Runtime.getRuntime().availableProcessors() > 1 ? 30_000 : 0;

  /** How long closing waits for the shard it lives on. */
  private static final long CLOSE_MILLIS = 2_000;

  /** How long what the system is short of is waited for. */
  private static final long LATER_NANOS = 1_000_000_000;

  /** Tasks run before the descriptors get their turn. */
  private static final int TASKS_PER_TURN = 256;

  /** Connections taken from one server before others get their turn. */
  private static final int ACCEPTS_PER_VISIT = 16;

  /** What wants to run at a time. The conductor's thread. */
  public interface Timers {
    /** Nanoseconds of the shards' clock; {@link Long#MAX_VALUE} for never. */
    long nextDeadline();

    void onTimer(long now);
  }

  private final UdsPoller poller;
  private final LongSupplier clock;
  private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final byte[] in = new byte[SeqPacket.MAX_PACKET];
  private final byte[] head = new byte[Door.DATA_HEADER];
  private final byte[] out = new byte[SeqPacket.MAX_PACKET];
  private final Thread thread;

  private volatile Timers timers =
      new Timers() {
        @Override
        public long nextDeadline() {
          return Long.MAX_VALUE;
        }

        @Override
        public void onTimer(long now) {}
      };

  /** What runs {@link #later}, all of it at once. */
  private final LinkedHashSet<Runnable> late = new LinkedHashSet<>();

  private long lateAt;

  private volatile boolean sleeping;
  private volatile boolean stopping;
  private boolean worked;

  /** The shard it lives on; null for a thread of its own. */
  private volatile @Nullable IoLink home;

  private final AtomicBoolean called = new AtomicBoolean();
  private boolean descriptors;

  /**
   * @param clock the shards' clock
   */
  public Conductor(LongSupplier clock) throws IOException {
    this.clock = clock;
    poller = new UdsPoller();
    thread = Thread.ofPlatform().name("conductor").daemon().unstarted(this::run);
  }

  /** Before {@link #start}. */
  public void timers(Timers t) {
    timers = t;
  }

  /** Starts its own thread. */
  public void start() {
    thread.start();
  }

  /**
   * Moves to a shard instead.
   *
   * @return false when that shard cannot have it; {@link #start} is still to be called then
   */
  public boolean startOn(IoLink shard) {
    home = shard;
    if (shard.host(this, poller.number(), () -> descriptors = true)) {
      return true;
    }
    home = null;
    return false;
  }

  /** Runs something on the conductor's thread, in order. Any thread, never waits. */
  public void execute(Runnable r) {
    inbox.add(r);
    IoLink shard = home;
    if (shard != null) {
      // On the shard's own thread the turn under way gets here.
      if (!shard.onThread() && called.compareAndSet(false, true)) {
        var unused = shard.post((net, now) -> called.set(false));
      }
    } else if (sleeping) {
      sleeping = false;
      poller.wakeup();
    }
  }

  // The conductor's thread from here on; also before start.

  /** Where packets are read to; valid until the next read. */
  public byte[] in() {
    return in;
  }

  /** Where the headers of messages are read to; valid until the next read. */
  byte[] head() {
    return head;
  }

  /** Where packets are built; valid until the next one is. */
  public byte[] out() {
    return out;
  }

  /**
   * Runs something within a second: there is nothing that would tell when to try again.
   *
   * @param r runs once, however often it was asked for meanwhile
   */
  public void later(Runnable r) {
    lateAt = late.isEmpty() ? clock.getAsLong() + LATER_NANOS : lateAt;
    late.add(r);
  }

  private void runTimers(long now) {
    if (timers.nextDeadline() <= now) {
      timers.onTimer(now);
      worked = true;
    }
    if (!late.isEmpty() && lateAt <= now) {
      lateAt = now + LATER_NANOS;
      for (int n = late.size(); n > 0; n--) {
        late.removeFirst().run();
      }
      worked = true;
    }
  }

  /** Takes connections as they come. */
  public void serve(SeqPacketServer server, Consumer<SeqPacket> connected) {
    poller.add(
        server.number(),
        true,
        false,
        (readable, writable, hangup) -> {
          worked = true;
          for (int i = 0; i < ACCEPTS_PER_VISIT; i++) {
            SeqPacket p = server.tryAccept();
            if (p == null) {
              await(server);
              return;
            }
            connected.accept(p);
          }
        });
  }

  /** One that could neither be taken nor turned away would keep the server readable meanwhile. */
  private void await(SeqPacketServer server) {
    if (server.stuck()) {
      poller.interest(server.number(), false, false);
      later(() -> poller.interest(server.number(), true, false));
    }
  }

  /** Watches a descriptor, for reading. */
  public void watch(SeqPacket p, Endpoint endpoint) {
    int r =
        poller.add(
            p.number(),
            true,
            false,
            (readable, writable, hangup) -> {
              worked = true;
              if (readable) {
                endpoint.readable();
              } else if (hangup) {
                endpoint.hangup();
                return;
              }
              if (writable) {
                endpoint.writable();
              }
            });
    if (r != 0) {
      // Whoever is at the other end would wait for ever.
      log.warn("cannot watch a descriptor: {}", Errno.name(r));
      execute(endpoint::hangup);
    }
  }

  public void interest(SeqPacket p, boolean read, boolean write) {
    poller.interest(p.number(), read, write);
  }

  /** After its {@link SeqPacket#shutdown}: only the other end's last close is told, as hangup. */
  public void awaitEnd(SeqPacket p) {
    poller.interestInEnd(p.number());
  }

  /** To be called before the descriptor is closed. */
  public void forget(SeqPacket p) {
    poller.remove(p.number());
  }

  /** Forgets and closes, a system call less. Nobody else may hold a copy. */
  void close(SeqPacket p) {
    poller.drop(p.number());
    p.close();
  }

  // As a guest.

  @Override
  public boolean turn(long now) {
    try {
      worked = false;
      runInbox();
      runTimers(now);
      if (descriptors) {
        descriptors = false;
        poller.poll(0);
      }
    } catch (RuntimeException | Error e) {
      // Neither the shard's nor other descriptors' end.
      log.error("conductor: {}", e.toString(), e);
    }
    return worked;
  }

  @Override
  public boolean hasWork() {
    return !inbox.isEmpty();
  }

  @Override
  public long nextDeadline() {
    return late.isEmpty() ? timers.nextDeadline() : Math.min(lateAt, timers.nextDeadline());
  }

  // With a thread of its own.

  private void run() {
    long lastWork = clock.getAsLong();
    while (!stopping) {
      try {
        worked = false;
        runInbox();
        long now = clock.getAsLong();
        runTimers(now);
        lastWork = worked ? now : lastWork;
        boolean look = worked || now - lastWork < SPIN_NANOS;
        worked = false;
        poller.poll(look ? 0 : sleep(now));
        sleeping = false;
        lastWork = worked ? clock.getAsLong() : lastWork;
      } catch (RuntimeException | Error e) {
        // One descriptor's trouble must not end all others; nor a lack of memory, with nobody told.
        log.error("conductor: {}", e.toString(), e);
      }
    }
    runAll();
  }

  /** Announces sleep. @return how long in milliseconds, 0 when work came in meanwhile */
  private long sleep(long now) {
    sleeping = true;
    if (!inbox.isEmpty() || stopping) {
      return 0;
    }
    long deadline = nextDeadline();
    return deadline == Long.MAX_VALUE ? -1 : Math.max(0, (deadline - now + 999_999) / 1_000_000);
  }

  private void runInbox() {
    for (int i = 0; i < TASKS_PER_TURN; i++) {
      Runnable r = inbox.poll();
      if (r == null) {
        return;
      }
      worked = true;
      try {
        r.run();
      } catch (RuntimeException e) {
        log.error("conductor: {}", e.toString(), e);
      }
    }
  }

  /** Stops the thread. Descriptors that are still open are closed by whoever holds them. */
  @Override
  public void close() {
    stopping = true;
    boolean interrupted = false;
    IoLink shard = home;
    if (shard != null) {
      interrupted = leave(shard);
    }
    poller.wakeup();
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
    poller.close();
  }

  /**
   * @return whether the calling thread was interrupted
   */
  private boolean leave(IoLink shard) {
    CountDownLatch left = new CountDownLatch(1);
    boolean posted =
        shard.post((net, now) -> {
          runAll();
          shard.unhost(poller.number());
          left.countDown();
        });
    if (!posted) {
      runAll();
      return false;
    }
    try {
      if (!left.await(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
        log.warn("shard {} did not answer within {} ms", shard.index(), CLOSE_MILLIS);
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private void runAll() {
    while (!inbox.isEmpty()) {
      runInbox();
    }
  }
}
