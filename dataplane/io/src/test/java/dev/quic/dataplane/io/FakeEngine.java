package dev.quic.dataplane.io;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.Host;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.protocol.TxBatch;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** In place of the core: echoes datagrams, notes timers. */
final class FakeEngine implements Engine {
  final Host host;
  final BlockingQueue<Long> timers = new LinkedBlockingQueue<>();
  final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
  final AtomicInteger turns = new AtomicInteger();
  long deadline = Long.MAX_VALUE;
  volatile boolean echo;

  /** Who took the last datagrams. */
  volatile @Nullable Thread receiver;

  volatile boolean throwing;
  volatile boolean dying;
  private final TxBatch tx = new TxBatch();

  FakeEngine(Host host) {
    this.host = host;
  }

  /** A shard, not yet started, that adds its engine to {@code made} when it is. */
  static Shard shard(UdpMode mode, int index, int count, List<FakeEngine> made) {
    return new Shard(
        new ShardConfig(mode, index, count),
        EventSink.NONE,
        new SystemEntropy(),
        s -> {},
        (config, host) -> {
          FakeEngine f = new FakeEngine(host);
          made.add(f);
          return f;
        });
  }

  @Override
  public void onDatagrams(long now, RxBatch batch) {
    receiver = Thread.currentThread();
    if (throwing) {
      throw new IllegalStateException("on purpose");
    }
    for (int i = 0; i < batch.count; i++) {
      byte[] bytes = new byte[batch.len[i]];
      System.arraycopy(batch.slab, batch.off[i], bytes, 0, bytes.length);
      received.add(bytes);
      if (echo) {
        send(batch.port[i], batch.remote[i], bytes);
      }
    }
  }

  void send(int port, SockAddr to, byte[] bytes) {
    System.arraycopy(bytes, 0, tx.slab, 0, bytes.length);
    tx.len = bytes.length;
    tx.segmentSize = bytes.length;
    tx.port = port;
    tx.remote = to;
    host.transmit(tx);
  }

  @Override
  public void onTimer(long now) {
    deadline = Long.MAX_VALUE;
    timers.add(now);
  }

  @Override
  public void endOfTurn(long now) {
    turns.incrementAndGet();
  }

  @Override
  public long nextDeadline() {
    if (dying) {
      throw new IllegalStateException("on purpose");
    }
    return deadline;
  }

  @Override
  @SuppressWarnings("NullAway") // the fake has no net
  public void run(ShardTask task, long now) {
    task.run(null, now);
  }
}
