package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import java.util.Arrays;

/**
 * Datagrams of one size, back to back in the net's slab, on their way into one transmit; and which
 * 1-RTT packets among them wait to be sealed together.
 */
final class PacketRun {
  private static final int SEGMENTS = 64;

  /** Room at first: most connections say little. */
  private static final int FEW_PACKETS = 2;

  int[] start = new int[FEW_PACKETS];
  int[] pnOff = new int[FEW_PACKETS];

  /** Where each plaintext ends. */
  int[] end = new int[FEW_PACKETS];

  /** 1-RTT packets not sealed yet. */
  int packets;

  /** Number of the first of them; the others follow one by one. */
  long firstPn;

  /** Bytes of finished datagrams. */
  private int len;

  /** Size of every datagram but perhaps the last; 0 before the first. */
  private int segment;

  /** ECN field of all of them. */
  private byte mark;

  /** How many more datagrams of this size and mark it takes. */
  int room(int size, byte ecn) {
    if (len > 0 && (size != segment || ecn != mark)) {
      return 0;
    }
    return Math.min((Limits.RUN_BYTES - len) / size, SEGMENTS - len / size);
  }

  /** Where the next datagram begins. */
  int len() {
    return len;
  }

  int segment() {
    return segment;
  }

  byte mark() {
    return mark;
  }

  /** Takes a 1-RTT packet in, to be sealed with the others. */
  void add(int at, int numberAt, int behind, long pn) {
    if (packets == 0) {
      firstPn = pn;
    }
    if (packets == start.length) {
      int more = Math.min(SEGMENTS, 4 * packets);
      start = Arrays.copyOf(start, more);
      pnOff = Arrays.copyOf(pnOff, more);
      end = Arrays.copyOf(end, more);
    }
    start[packets] = at;
    pnOff[packets] = numberAt;
    end[packets] = behind;
    packets++;
  }

  /** A datagram of these many bytes is finished. */
  void close(int size, byte ecn) {
    segment = len == 0 ? size : segment;
    mark = ecn;
    len += size;
  }

  void clear() {
    packets = 0;
    len = 0;
    segment = 0;
  }
}
