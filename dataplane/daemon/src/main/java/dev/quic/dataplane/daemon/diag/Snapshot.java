package dev.quic.dataplane.daemon.diag;

import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.socket.SockInfo;
import dev.quic.dataplane.daemon.front.ShardLink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Counters and sockets of all shards, each shard's as of its own moment. */
final class Snapshot {
  /** Sockets told of at most. */
  static final int MAX_SOCKETS = 65_536;

  private final List<List<SockInfo>> socks = new ArrayList<>();
  private final long[][] counters;
  private final AtomicInteger left;

  private Snapshot(int shards) {
    counters = new long[shards][Mib.COUNT];
    left = new AtomicInteger(shards);
    for (int i = 0; i < shards; i++) {
      socks.add(new ArrayList<>());
    }
  }

  /** Takes one; {@code done} is called on the thread of the shard that is last, or here. */
  static void take(List<ShardLink> shards, boolean withSockets, Consumer<Snapshot> done) {
    Snapshot s = new Snapshot(shards.size());
    for (int i = 0; i < shards.size(); i++) {
      int index = i;
      boolean posted =
          shards
              .get(i)
              .post((net, now) -> {
                s.look(index, net, withSockets);
                s.one(done);
              });
      if (!posted) {
        s.one(done);
      }
    }
  }

  private void look(int index, QuicNet net, boolean withSockets) {
    for (int m = 0; m < Mib.COUNT; m++) {
      counters[index][m] = net.counter(m);
    }
    List<SockInfo> mine = socks.get(index);
    if (withSockets) {
      int most = MAX_SOCKETS / socks.size();
      net.forEachSock(sock -> {
        SockInfo info = mine.size() < most ? SockInfo.of(sock) : null;
        if (info != null) {
          mine.add(info);
        }
      });
    }
  }

  /** The counter orders what the shards wrote before what is read of it. */
  private void one(Consumer<Snapshot> done) {
    if (left.decrementAndGet() == 0) {
      done.accept(this);
    }
  }

  long counter(int mib) {
    long sum = 0;
    for (long[] shard : counters) {
      sum += shard[mib];
    }
    return sum;
  }

  void forEach(Consumer<SockInfo> visitor) {
    socks.forEach(shard -> shard.forEach(visitor));
  }
}
