package dev.quic.bench.requests;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.Host;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.dataplane.io.Engine;
import dev.quic.dataplane.io.MonotonicClock;
import dev.quic.dataplane.io.Shard;
import dev.quic.dataplane.io.ShardConfig;
import dev.quic.dataplane.io.ShardTask;
import dev.quic.dataplane.io.SystemEntropy;
import dev.quic.dataplane.io.UdpMode;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Datagrams to and fro with nothing above UDP, by shards like those of a data plane: the same port,
 * the same poller, the same way to wait. What QUIC adds is measured against it.
 */
final class BareUdp implements AutoCloseable {
  private static final int LOOPBACK = 0x7f00_0001;

  /** Loopback loses a datagram only when a buffer is full; then it is sent again. */
  private static final long LOST_NANOS = 1_000_000_000L;

  private final UdpMode mode;
  private final Shard server;
  private volatile SockAddr address = SockAddr.v4(LOOPBACK, 0);

  /** Starts the end that sends back what comes. */
  BareUdp(UdpMode mode) {
    this.mode = mode;
    server = start(host -> new Echo(host));
  }

  private Shard start(Function<Host, Engine> engine) {
    return new Shard(
            new ShardConfig(mode, 0, 1),
            EventSink.NONE,
            new SystemEntropy(),
            line -> {},
            (config, host) -> engine.apply(host))
        .start();
  }

  /**
   * Sends requests, one after the other.
   *
   * @param size bytes of each and of its answer, 1 to 1472
   * @param pauseNanos from an answer to the next request; 0 for none, so that nobody sleeps
   * @param latency told nanoseconds from sending to the answer, on a thread of ours
   */
  void requests(int size, int count, long pauseNanos, LongConsumer latency)
      throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    Shard client = start(host -> new Asking(host, size, count, pauseNanos, latency, done));
    try {
      done.await();
    } finally {
      client.close();
    }
  }

  @Override
  public void close() {
    server.close();
  }

  private abstract static class Bare implements Engine {
    private final Host host;
    private final TxBatch out = new TxBatch();
    private final int port;

    Bare(Host host) {
      this.host = host;
      port = host.bindUdp(SockAddr.v4(LOOPBACK, 0), false);
      if (port < 0) {
        throw new IllegalStateException("no UDP port: " + port);
      }
    }

    final SockAddr local() {
      return host.udpAddress(port);
    }

    final void send(byte[] from, int off, int len, SockAddr to) {
      System.arraycopy(from, off, out.slab, 0, len);
      out.len = len;
      out.segmentSize = len;
      out.port = port;
      out.local = null;
      out.remote = to;
      host.transmit(out);
    }

    @Override
    public void onTimer(long now) {}

    @Override
    public void endOfTurn(long now) {}

    @Override
    public long nextDeadline() {
      return Long.MAX_VALUE;
    }

    @Override
    public void run(ShardTask task, long now) {
      throw new IllegalStateException("nobody hands in tasks here");
    }
  }

  private final class Echo extends Bare {
    Echo(Host host) {
      super(host);
      address = local();
    }

    @Override
    public void onDatagrams(long now, RxBatch batch) {
      for (int i = 0; i < batch.count; i++) {
        send(batch.slab, batch.off[i], batch.len[i], batch.remote[i]);
      }
    }
  }

  private final class Asking extends Bare {
    private final byte[] request;
    private final long pause;
    private final LongConsumer latency;
    private final CountDownLatch done;
    private int left;
    private boolean waiting;
    private long sentAt;
    private long due;

    Asking(Host host, int size, int count, long pause, LongConsumer latency, CountDownLatch done) {
      super(host);
      request = new byte[size];
      left = count;
      this.pause = pause;
      this.latency = latency;
      this.done = done;
      due = MonotonicClock.now();
    }

    private void ask(long now) {
      waiting = true;
      due = now + LOST_NANOS;
      sentAt = System.nanoTime();
      send(request, 0, request.length, address);
    }

    @Override
    public void onTimer(long now) {
      if (left > 0 && now >= due) {
        ask(now);
      }
    }

    @Override
    public void onDatagrams(long now, RxBatch batch) {
      if (!waiting) {
        return;
      }
      latency.accept(System.nanoTime() - sentAt);
      waiting = false;
      if (--left == 0) {
        done.countDown();
      } else if (pause == 0) {
        ask(now);
      } else {
        due = now + pause;
      }
    }

    @Override
    public long nextDeadline() {
      return left == 0 ? Long.MAX_VALUE : due;
    }
  }
}
