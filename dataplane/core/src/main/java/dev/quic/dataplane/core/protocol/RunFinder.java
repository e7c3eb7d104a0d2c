package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.socket.QuicSock;
import dev.quic.dataplane.core.socket.RxRun;

/**
 * Finds neighbours of a batch that are 1-RTT packets of one connection and came by one path: what
 * is asked for each datagram is asked once for all of them, and their header protection is taken
 * off together, since a call of the cipher costs far more than the block it makes for a packet.
 */
final class RunFinder {
  private static final int NUMBER_AT = 1 + Limits.OWN_CONN_ID_BYTES;

  private final RxRun run = new RxRun();

  /** Datagrams of the batch below this index were looked at. */
  private int until;

  /** A batch begins. */
  void begin(RxBatch b) {
    until = 0;
    run.buf = b.slab;
    run.start = b.off;
    run.ecn = b.ecn;
    if (run.pnLen.length < b.count) {
      run.pnOff = new int[b.len.length];
      run.end = new int[b.len.length];
      run.pnLen = new int[b.len.length];
    }
  }

  /**
   * Hands on this datagram, a short header of the connection's, and those behind it that are alike.
   *
   * @return index behind them; {@code i} where they are to be handed on one by one
   */
  int hand(long now, QuicSock sock, RxBatch b, int i) {
    if (i < until) {
      return i;
    }
    until = same(b, i);
    run.from = i;
    run.to = until;
    run.local = b.local[i];
    run.remote = b.remote[i];
    run.port = b.port[i];
    return until - i > 1 && sock.onRun(now, run) ? until : i;
  }

  /** Index behind the datagrams from {@code first} on that go where that one goes. */
  private int same(RxBatch b, int first) {
    byte[] buf = b.slab;
    long id = ConnId.key(buf, b.off[first] + 1);
    int i = first;
    do {
      run.pnOff[i] = b.off[i] + NUMBER_AT;
      run.end[i] = b.off[i] + b.len[i];
      i++;
    } while (i < b.count
        && b.len[i] >= NUMBER_AT
        && buf[b.off[i]] >= 0
        && ConnId.key(buf, b.off[i] + 1) == id
        && b.remote[i] == b.remote[first]
        && b.local[i] == b.local[first]
        && b.port[i] == b.port[first]);
    return i;
  }
}
