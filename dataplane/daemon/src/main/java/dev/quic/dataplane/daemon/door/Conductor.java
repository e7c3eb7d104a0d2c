package dev.quic.dataplane.daemon.door;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that runs every AF_UNIX descriptor of the data plane: the bus, control connections,
 * data descriptors, grants. It waits for nobody; what it has for a shard goes into the shard's
 * ring, what a shard has for it comes by {@link #execute}.
 */
public final class Conductor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Conductor.class);

  /** How long to look for more work before sleeping, nanoseconds: waking costs more than this. */
  private static final long SPIN_NANOS = 30_000;

  /** Tasks run before the descriptors get their turn. */
  private static final int TASKS_PER_TURN = 256;

  /** Bytes of the two packet buffers. */
  private static final int BUFFER_BYTES =
      Math.max(
          DoorLimits.CONTROL_PACKET_BYTES, DataPackets.HEADER + DoorLimits.DATA_PACKET_BYTES + 1);

  /**
   * Who connected, as the kernel vouches for it.
   *
   * @param uid effective user id, -1 when unknown
   * @param gids effective group ids
   */
  public record Peer(long pid, long uid, java.util.Set<Long> gids) {}

  /** A new pair of connected descriptors. */
  public record Pair(Line near, Line.Passed far) {}

  /** What wants to run at a time. The conductor's thread. */
  public interface Timers {
    /** Nanoseconds of the shards' clock; {@link Long#MAX_VALUE} for never. */
    long nextDeadline();

    void onTimer(long now);
  }

  private final Multiplexer multiplexer;
  private final Timers timers;
  private final java.util.function.LongSupplier clock;
  private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final Thread thread;

  private volatile boolean sleeping;
  private volatile boolean stopping;

  public Conductor(Multiplexer multiplexer, Timers timers, java.util.function.LongSupplier clock) {
    this.multiplexer = multiplexer;
    this.timers = timers;
    this.clock = clock;
    in.order(java.nio.ByteOrder.LITTLE_ENDIAN);
    out.order(java.nio.ByteOrder.LITTLE_ENDIAN);
    thread = Thread.ofPlatform().name("conductor").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Runs something on the conductor's thread, in order. Any thread, never waits. */
  public void execute(Runnable r) {
    inbox.add(r);
    if (sleeping) {
      sleeping = false;
      multiplexer.wakeup();
    }
  }

  // The conductor's thread from here on.

  /** Where packets are read to; valid until the next read. */
  public ByteBuffer in() {
    return in;
  }

  /** Where packets are built; valid until the next one is. */
  public ByteBuffer out() {
    return out;
  }

  Pair pair() throws IOException {
    return multiplexer.pair();
  }

  /** Watches a line for reading; one that cannot be watched is closed. */
  public void watch(Line line, Endpoint endpoint) {
    try {
      multiplexer.add(line, endpoint);
    } catch (IOException e) {
      log.warn("a descriptor cannot be watched: {}", e.toString());
      line.close();
    }
  }

  public void interest(Line line, boolean read, boolean write) {
    multiplexer.interest(line, read, write);
  }

  public void forget(Line line) {
    multiplexer.remove(line);
  }

  private void run() {
    long lastWork = clock.getAsLong();
    while (!stopping) {
      try {
        boolean worked = runInbox();
        long now = clock.getAsLong();
        long deadline = timers.nextDeadline();
        if (deadline <= now) {
          timers.onTimer(now);
          worked = true;
        }
        if (worked) {
          lastWork = now;
        }
        if (multiplexer.select(worked || now - lastWork < SPIN_NANOS ? 0 : sleep(now)) > 0) {
          lastWork = clock.getAsLong();
        }
        sleeping = false;
      } catch (IOException | RuntimeException e) {
        // One descriptor's trouble must not end all others.
        log.error("conductor: {}", e.toString(), e);
      }
    }
    runInbox();
  }

  /** Announces sleep. @return how long, 0 when work came in meanwhile */
  private long sleep(long now) {
    sleeping = true;
    if (!inbox.isEmpty() || stopping) {
      sleeping = false;
      return 0;
    }
    long deadline = timers.nextDeadline();
    return deadline == Long.MAX_VALUE ? -1 : Math.max(0, deadline - now);
  }

  private boolean runInbox() {
    boolean any = false;
    for (int i = 0; i < TASKS_PER_TURN; i++) {
      Runnable r = inbox.poll();
      if (r == null) {
        break;
      }
      any = true;
      try {
        r.run();
      } catch (RuntimeException e) {
        log.error("conductor: {}", e.toString(), e);
      }
    }
    return any;
  }

  /** Stops the thread; the descriptors are closed with the multiplexer. */
  @Override
  public void close() {
    stopping = true;
    multiplexer.wakeup();
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
    multiplexer.close();
  }
}
