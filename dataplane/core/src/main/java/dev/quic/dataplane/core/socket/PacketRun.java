package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.crypto.PacketProtection;
import java.util.Arrays;

/**
 * Datagrams of one size, back to back in the net's slab, on their way into one transmit; and which
 * 1-RTT packets among them wait to be sealed together.
 */
final class PacketRun {
  private static final int SEGMENTS = 64;

  /** Room at first: most connections say little. */
  private static final int FEW_PACKETS = 2;

  private int[] start = new int[FEW_PACKETS];
  private int[] pnOff = new int[FEW_PACKETS];

  /** Where each plaintext ends. */
  private int[] end = new int[FEW_PACKETS];

  /** 1-RTT packets not sealed yet. */
  int packets;

  /** Number of the first of them; the others follow one by one. */
  long firstPn;

  /** Bytes of finished datagrams. */
  private int len;

  /** There are packets of other levels among them. */
  private boolean mixed;

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

  /** A packet of another level is in it, sealed already. */
  void others() {
    mixed = true;
  }

  /**
   * Seals the 1-RTT packets.
   *
   * @return address of the whole run where it is outside the heap now; 0 when it is in the slab
   */
  long seal(PacketProtection tx, byte[] slab) {
    long wire = mixed ? 0 : tx.sealToWire(slab, start, pnOff, end, 0, packets, firstPn);
    if (wire == 0) {
      tx.sealRun(slab, start, pnOff, end, 0, packets, firstPn);
    }
    return wire;
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
    mixed = false;
  }
}
