package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.socket.QuicSock;
import java.util.Arrays;

/**
 * Neighbours of a batch that are 1-RTT packets of one connection: their header protection is taken
 * off together, since a call of the cipher costs far more than the block it makes for a packet.
 */
final class HeaderRun {
  private static final int NUMBER_AT = 1 + Limits.OWN_CONN_ID_BYTES;

  private int[] pnOff = {};
  private int[] end = {};
  private int[] pnLen = {};

  /** Datagrams of the batch below this index were looked at. */
  private int until;

  /** A batch begins. */
  void begin(RxBatch b) {
    until = 0;
    if (pnLen.length < b.count) {
      pnOff = new int[b.len.length];
      end = new int[b.len.length];
      pnLen = new int[b.len.length];
    }
  }

  /**
   * Takes protection off this datagram, a short header of the connection's, and off those behind it
   * that are alike, unless that was done.
   *
   * @return length of its packet number, 1 to 4; 0 when it is protected still
   */
  int take(QuicSock sock, RxBatch b, int i) {
    if (i >= until) {
      int behind = same(b, i);
      until = behind;
      if (behind - i < 2 || !sock.takeHeaders(b.slab, b.off, pnOff, end, pnLen, i, behind - i)) {
        Arrays.fill(pnLen, i, behind, 0);
      }
    }
    return pnLen[i];
  }

  /** Index behind the datagrams from {@code first} on that go where that one goes. */
  private int same(RxBatch b, int first) {
    byte[] buf = b.slab;
    long id = ConnId.key(buf, b.off[first] + 1);
    int i = first;
    do {
      pnOff[i] = b.off[i] + NUMBER_AT;
      end[i] = b.off[i] + b.len[i];
      i++;
    } while (i < b.count
        && b.len[i] >= NUMBER_AT
        && buf[b.off[i]] >= 0
        && ConnId.key(buf, b.off[i] + 1) == id);
    return i;
  }
}
