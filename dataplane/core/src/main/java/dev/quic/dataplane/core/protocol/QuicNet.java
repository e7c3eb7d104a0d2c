package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.connid.IdCodec;
import dev.quic.dataplane.core.socket.QuicSock;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.core.timer.DeadlineHeap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The "kernel" of one shard: all its sockets, its listener and connection tables, its counters.
 * Confined to one thread. Time comes in as monotonic nanoseconds; the only thing to pull is {@link
 * #nextDeadline}.
 */
public final class QuicNet {
  private final Table table;
  private final Demux demux;

  private final DeadlineHeap<QuicSock> deadlines = new DeadlineHeap<>();
  private List<QuicSock> touched = new ArrayList<>();
  private List<QuicSock> flushing = new ArrayList<>();

  public QuicNet(NetConfig config, Host host) {

    table = new Table(config, host, this);
    demux = new Demux(table, host);
  }

  /** A new socket of AF_INET or AF_INET6, state CLOSED. */
  public Sock socket(int family) {
    QuicSock s = new QuicSock(table, family);
    table.add(s);
    return s;
  }

  /** Takes a batch in; answers are sent by {@link #endOfTurn}. */
  public void onDatagrams(long now, RxBatch batch) {
    demux.onDatagrams(now, batch);
  }

  /** Runs what is due; acknowledgements that nearly are go along with one that is. */
  public void onTimer(long now) {
    QuicSock s;
    boolean acknowledges = false;
    while (deadlines.next() <= now && (s = deadlines.first()) != null) {
      acknowledges |= s.acknowledgeEarly(now);
      s.onTimer(now);
      long next = s.deadline();
      // A timer set to now or earlier waits for the flush, or this would not end.
      deadlines.set(s, next <= now ? Long.MAX_VALUE : next);
      touch(s);
    }
    while (acknowledges && (s = deadlines.first()) != null && s.acknowledgeEarly(now)) {
      // The flush sets what comes next.
      deadlines.remove(s);
      touch(s);
    }
  }

  void touch(QuicSock s) {
    if (!s.touched()) {
      s.touched(true);
      touched.add(s);
    }
  }

  void untimed(QuicSock s) {
    deadlines.remove(s);
  }

  /**
   * Flushes every connection touched since the last call: acknowledgements, transmissions,
   * deadlines, wake-ups.
   */
  public void endOfTurn(long now) {
    List<QuicSock> batch = touched;
    touched = flushing;
    flushing = batch;
    for (int i = 0; i < batch.size(); i++) {
      QuicSock s = batch.get(i);
      s.touched(false);
      s.flush(now);
      deadlines.set(s, s.deadline());
    }
    batch.clear();
  }

  /** When {@link #onTimer} wants to run next; {@link Long#MAX_VALUE} for never. */
  public long nextDeadline() {
    return deadlines.next();
  }

  /**
   * Shard that issued the destination connection id of this datagram, or -1 when it cannot be told
   * (an Initial, and 0-RTT, which have an id of the client's choice first).
   */
  public static int shardOf(IdCodec ids, byte[] buf, int off, int len) {
    if (len < 1) {
      return -1;
    }
    if (buf[off] >= 0) {
      boolean whole = len > Limits.OWN_CONN_ID_BYTES;
      return whole ? ids.shardOf(ConnId.key(buf, off + 1)) : -1;
    }
    int type = buf[off] >> 4 & 3;
    // RFC 9369 section 3.2 counts types from another number.
    boolean v2 = len >= 5 && buf[off + 1] != 0;
    boolean initial = (v2 ? type - 1 : type) <= 1 && !(v2 && type == 0);
    return initial ? -1 : shardNamed(ids, buf, off, len);
  }

  /**
   * Shard that the destination connection id of a long header names, or -1; of an Initial and
   * 0-RTT, too: that id is ours when the peer of a connection answers, and else a client's choice,
   * which always names the same shard, or none.
   */
  public static int shardNamed(IdCodec ids, byte[] buf, int off, int len) {
    boolean ours = len >= 14 && buf[off] < 0 && buf[off + 5] == 8;
    return ours ? ids.shardOf(ConnId.key(buf, off + 6)) : -1;
  }

  /** Every live socket, for {@code ss}. */
  public void forEachSock(Consumer<Sock> visitor) {
    table.forEach(visitor);
  }

  /** Bytes the buffers of all connections hold; {@code Limits.NET_MEMORY_BYTES} bounds it. */
  public long held() {
    return table.chunks().held();
  }

  /** Kernel MIB counters, indexed by {@link Mib}. */
  public long counter(int mib) {
    return mib >= 0 && mib < Mib.COUNT ? table.counter(mib) : 0;
  }
}
