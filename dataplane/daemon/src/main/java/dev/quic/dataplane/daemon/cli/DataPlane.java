package dev.quic.dataplane.daemon.cli;

import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.event.EventTee;
import dev.quic.dataplane.core.path.MtuRange;
import dev.quic.dataplane.daemon.front.Fronts;
import dev.quic.dataplane.daemon.front.IoLink;
import dev.quic.dataplane.daemon.handshake.HandshakeFamily;
import dev.quic.dataplane.daemon.handshake.HandshakeTrace;
import dev.quic.dataplane.daemon.kernel.KernelSockets;
import dev.quic.dataplane.daemon.kernel.KernelTls;
import dev.quic.dataplane.daemon.qlog.QlogWriter;
import dev.quic.dataplane.daemon.trace.TraceSink;
import dev.quic.dataplane.daemon.trace.TraceWriter;
import dev.quic.dataplane.io.MonotonicClock;
import dev.quic.dataplane.io.ShardConfig;
import dev.quic.dataplane.io.Shards;
import dev.quic.dataplane.io.UdpMode;
import dev.quic.dataplane.io.aead.AeadMode;
import dev.quic.uds.FileReason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole data plane: shards, handshake family, in-process sockets, and, with a run directory, the
 * conductor with {@code netlink.sock} and {@code socket.sock}. Embeddable; any number may live in
 * one process, each with its own run directory or none.
 */
public final class DataPlane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataPlane.class);

  /** How long closing waits for the shards to tell the peers. */
  private static final long FAREWELL_MILLIS = 1_000;

  private final Teardown teardown;
  private final Shards shards;
  private final HandshakeFamily family;
  private final Fronts fronts;
  private final KernelSockets sockets;
  private final KernelTls tls;
  private final @Nullable Path runDir;
  private final @Nullable UnixSide unix;
  private final List<IoLink> links;
  private boolean closed;

  private DataPlane(
      Teardown teardown,
      Shards shards,
      List<IoLink> links,
      Fronts fronts,
      HandshakeFamily family,
      @Nullable UnixSide unix,
      @Nullable Path runDir) {
    this.teardown = teardown;
    this.shards = shards;
    this.fronts = fronts;
    this.family = family;
    this.runDir = runDir;
    this.unix = unix;
    this.links = links;
    sockets = new KernelSockets(fronts, List.copyOf(links));
    tls = new KernelTls(family);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** In-process sockets, spread over the shards. */
  public QuicSockets sockets() {
    return sockets;
  }

  /** Handshakes for in-process sockets; without a run directory no daemon can listen (ESRCH). */
  public TlsHandshakes tls() {
    return tls;
  }

  public @Nullable Path runDir() {
    return runDir;
  }

  public Shards shards() {
    return shards;
  }

  /** Sockets that exist now. */
  public int socketCount() {
    return fronts.size();
  }

  /** Ends every handshake and closes every connection towards its peer, then stops. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    family.drain();
    fronts.closeAll();
    awaitShards();
    teardown.close();
  }

  /** Whether every shard, and the conductor if there is one, answers within a time. */
  public boolean answers(Duration patience) {
    CountDownLatch answered = new CountDownLatch(links.size());
    for (IoLink link : links) {
      if (!link.post((net, now) -> answered.countDown())) {
        return false;
      }
    }
    long end = System.nanoTime() + patience.toNanos();
    try {
      return answered.await(patience.toNanos(), TimeUnit.NANOSECONDS)
          && (unix == null || unix.answers(end - System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** What was posted before has run, and its packets are sent, once each shard answers this. */
  private void awaitShards() {
    CountDownLatch answered = new CountDownLatch(links.size());
    for (IoLink link : links) {
      if (!link.post((net, now) -> answered.countDown())) {
        answered.countDown();
      }
    }
    try {
      if (!answered.await(FAREWELL_MILLIS, TimeUnit.MILLISECONDS)) {
        log.warn("a shard did not answer within {} ms", FAREWELL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a data plane is started with. Not thread-safe. */
  public static final class Builder {
    private @Nullable Path runDir;
    private int shards = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    private UdpMode udp = UdpMode.AUTO;
    private AeadMode aead = AeadMode.AUTO;
    private int maxDatagram = MtuRange.AUTO;
    private int busyPollMicros = ShardConfig.ADAPTIVE;
    private @Nullable Path trace;
    private @Nullable Path qlog;
    private int qlogSample = 1;
    private DataPlaneConfig config = DataPlaneConfig.DEFAULT;
    private Consumer<String> notices = line -> {};

    private Builder() {}

    /** Where the sockets for other processes are; without one there are none. */
    public Builder runDir(@Nullable Path dir) {
      runDir = dir;
      return this;
    }

    /**
     * @param count 1 to 256; the default is one less than the processors
     */
    public Builder shards(int count) {
      shards = count;
      return this;
    }

    public Builder udp(UdpMode mode) {
      udp = mode;
      return this;
    }

    /**
     * @param micros how long a shard waits awake before it sleeps, microseconds, 0 to 1,000,000
     */
    public Builder busyPoll(int micros) {
      busyPollMicros = micros;
      return this;
    }

    /**
     * Largest datagrams that connections try: what a path carries is found by probes. The default
     * is what the interface carries, and an Ethernet's over loopback.
     *
     * @param bytes of UDP payload, 1200 to 16383, or {@link MtuRange#AUTO}
     */
    public Builder maxDatagram(int bytes) {
      maxDatagram = bytes;
      return this;
    }

    public Builder aead(AeadMode mode) {
      aead = mode;
      return this;
    }

    /** The timeline of handshakes goes to this file. */
    public Builder trace(@Nullable Path file) {
      trace = file;
      return this;
    }

    /**
     * Connections go to this directory as qlog, each to a file of its own.
     *
     * @param sample one connection in so many, 1 or more
     */
    public Builder qlog(@Nullable Path dir, int sample) {
      qlog = dir;
      qlogSample = sample;
      return this;
    }

    public Builder config(DataPlaneConfig c) {
      config = c;
      return this;
    }

    /** Told one line for a human now and then; any thread. */
    public Builder notices(Consumer<String> n) {
      notices = n;
      return this;
    }

    /**
     * Starts it.
     *
     * @throws StartException with one line for the user
     */
    public DataPlane start() throws StartException {
      Teardown teardown = new Teardown();
      boolean started = false;
      try {
        DataPlane plane = assemble(teardown);
        started = true;
        return plane;
      } finally {
        if (!started) {
          teardown.close();
        }
      }
    }

    private DataPlane assemble(Teardown teardown) throws StartException {
      RunDir held = runDir == null ? null : teardown.add(RunDir.open(runDir));
      TraceSink sink = trace == null ? null : new TraceSink(teardown.add(openTrace(trace)));
      HandshakeTrace handshakes = sink == null ? HandshakeTrace.NONE : sink;
      EventSink timeline = sink == null ? EventSink.NONE : sink;
      QlogWriter logs = qlog == null ? null : teardown.add(openQlog(qlog));
      Shards running =
          startShards(i -> logs == null ? timeline : new EventTee(timeline, logs.sink(i)));
      List<IoLink> links = running.all().stream().map(IoLink::new).toList();
      IoLink.acquaint(links);
      teardown.add(running);
      Fronts fronts = new Fronts();
      HandshakeFamily family;
      UnixSide unix = null;
      if (held == null) {
        family =
            new HandshakeFamily(config.handshake(), new NoBus(), handshakes, MonotonicClock::now);
      } else {
        unix = new UnixSide(held, config, fronts, List.copyOf(links), handshakes);
        family = unix.family();
        teardown.add(unix).start(links.get(0));
      }
      fronts.onDestroy(family::destroyed);
      return new DataPlane(
          teardown, running, links, fronts, family, unix, held == null ? null : held.dir());
    }

    private static TraceWriter openTrace(Path file) throws StartException {
      try {
        return new TraceWriter(file);
      } catch (IOException e) {
        throw new StartException("cannot write trace " + file + ": " + FileReason.of(e), e);
      }
    }

    private QlogWriter openQlog(Path dir) throws StartException {
      try {
        return new QlogWriter(dir, shards, qlogSample, MonotonicClock.now());
      } catch (IOException e) {
        throw new StartException("cannot write qlog to " + dir + ": " + FileReason.of(e), e);
      }
    }

    private Shards startShards(IntFunction<EventSink> events) throws StartException {
      try {
        return Shards.start(
            shards,
            i ->
                new ShardConfig(
                    udp,
                    i,
                    shards,
                    QuicLbConfig.codec(config.quicLb()),
                    aead.open(),
                    maxDatagram,
                    busyPollMicros),
            events,
            notices);
      } catch (IllegalArgumentException | UnsupportedOperationException e) {
        throw new StartException(String.valueOf(e.getMessage()), e);
      } catch (IllegalStateException e) {
        Throwable cause = e.getCause();
        throw new StartException(e.getMessage() + (cause == null ? "" : ": " + cause), e);
      }
    }
  }
}
