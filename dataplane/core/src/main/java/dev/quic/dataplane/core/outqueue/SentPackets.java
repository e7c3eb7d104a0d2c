package dev.quic.dataplane.core.outqueue;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.cong.DeliveryRate;
import dev.quic.dataplane.core.cong.PacketRates;

/**
 * Packets of one number space that are neither acknowledged nor lost, in a ring indexed by packet
 * number, and what frames they carried, in a second ring of primitive columns. Nothing is allocated
 * once the rings have grown to the window's size.
 */
public final class SentPackets {
  // Kinds of frames remembered.
  public static final int STREAM = 1;
  public static final int CRYPTO = 2;

  /** {@code id}: largest number the ACK frame acknowledged. */
  public static final int ACK = 3;

  public static final int MAX_DATA = 4;
  public static final int MAX_STREAM_DATA = 5;

  /** {@code id}: 0 bidirectional, 1 unidirectional. */
  public static final int MAX_STREAMS = 6;

  public static final int RESET_STREAM = 7;
  public static final int STOP_SENDING = 8;
  public static final int NEW_CONNECTION_ID = 9;
  public static final int RETIRE_CONNECTION_ID = 10;
  public static final int HANDSHAKE_DONE = 11;
  public static final int NEW_TOKEN = 12;
  public static final int DATA_BLOCKED = 13;
  public static final int STREAM_DATA_BLOCKED = 14;

  /** {@code id}: 0 bidirectional, 1 unidirectional. */
  public static final int STREAMS_BLOCKED = 15;

  /** A frame that only asks for an acknowledgement; nothing to repeat. */
  public static final int PING = 16;

  static final int ELICITING = 1;
  static final int IN_FLIGHT = 2;
  static final int PRESENT = 4;

  // What became of a packet that is settled; neither: it was acknowledged.
  private static final int LOST = 8;
  private static final int UNTRACKED = 16;

  /** Tag: the packet was sent with ECT(0). */
  public static final int ECT0 = 32;

  /** Tag: a probe of the path's MTU, whose loss says nothing about congestion. */
  public static final int MTU_PROBE = 64;

  // Numbers of which few are outstanding: kept for a while; and at all.
  private static final int SPARSE = 1_024;
  private static final int VERY_SPARSE = 16_384;

  private static final int FIN = 1 << 31;

  private static final int FEW_PACKETS = 4;
  private static final int FEW_FRAMES = 8;
  private static final long[] NO_LONGS = {};
  private static final int[] NO_INTS = {};
  private static final byte[] NO_BYTES = {};

  // Nothing is taken before the first packet: most spaces of most connections hold little, and an
  // idle connection nothing.
  private long[] time = NO_LONGS;
  private int[] size = NO_INTS;
  private byte[] flags = NO_BYTES;
  private long[] firstFrame = NO_LONGS;
  private int[] frames = NO_INTS;
  private PacketRates rates = PacketRates.NONE;
  private long base;
  private long next;
  private int outstanding;
  private int eliciting;
  private long ackedBelowBase = -1;

  private byte[] kind = NO_BYTES;
  private long[] id = NO_LONGS;
  private long[] offset = NO_LONGS;
  private int[] length = NO_INTS;
  private long frameBase;
  private long frameNext;
  private long frameMark;

  /** Lowest number that may be outstanding. */
  public long base() {
    return base;
  }

  /** One above the highest number sent. */
  public long next() {
    return next;
  }

  /** Packets outstanding. */
  public int outstanding() {
    return outstanding;
  }

  /** Ack-eliciting packets outstanding. */
  public int eliciting() {
    return eliciting;
  }

  /** Whether no further packet can be tracked now. */
  public boolean full() {
    return next - base >= Limits.SENT_PACKETS;
  }

  /**
   * Whether not even an acknowledgement may be sent: a peer that never acknowledges must not make
   * the ring grow by what it makes us answer.
   */
  public boolean stuck() {
    return outstanding > 0 && next - base >= 2L * Limits.SENT_PACKETS;
  }

  /**
   * Whether few of many numbers from the base on are outstanding: the others are acknowledgements,
   * which nobody need acknowledge.
   */
  boolean sparse() {
    long numbers = next - base;
    return numbers >= SPARSE && outstanding > 0 && outstanding < numbers / 4;
  }

  /**
   * Of sparse ones, whether the base is outstanding for long. What is very sparse is no matter of
   * time.
   *
   * @param since packets sent later may still be acknowledged, ns
   */
  boolean forgettable(long since) {
    return next - base >= VERY_SPARSE || time(base) < since;
  }

  /** Starts the frame list of a packet that is being built. */
  public void begin() {
    frameMark = frameNext;
  }

  /** Frames noted since {@link #begin}. */
  public int noted() {
    return (int) (frameNext - frameMark);
  }

  /** Whether the packet being built may carry no further frame. */
  public boolean framesFull() {
    return noted() >= Limits.FRAMES_PER_PACKET;
  }

  /** Notes a frame of the packet being built. */
  public void note(int frameKind, long frameId, long off, int len, boolean fin) {
    if (frameNext - frameBase == kind.length) {
      growFrames();
    }
    int i = (int) frameNext++ & kind.length - 1;
    kind[i] = (byte) frameKind;
    id[i] = frameId;
    offset[i] = off;
    length[i] = fin ? len | FIN : len;
  }

  /** The packet being built was given up. */
  public void rollback() {
    frameNext = frameMark;
  }

  /**
   * The packet was sent. One that only acknowledges is not tracked: nobody need ever acknowledge
   * it, so it could stay here for good.
   */
  public void commit(long pn, long now, int bytes, boolean ackEliciting, boolean inFlight) {
    if (!inFlight) {
      skip(pn);
      return;
    }
    if (outstanding == 0) {
      // Numbers skipped while nothing was outstanding cost no room.
      base = pn;
    }
    while (pn - base >= time.length) {
      grow();
    }
    for (long skipped = next; skipped < pn; skipped++) {
      flags[slot(skipped)] = UNTRACKED;
    }
    int i = slot(pn);
    time[i] = now;
    size[i] = bytes;
    flags[i] = (byte) (PRESENT | IN_FLIGHT | (ackEliciting ? ELICITING : 0));
    firstFrame[i] = frameMark;
    frames[i] = noted();
    frameMark = frameNext;
    next = pn + 1;
    outstanding++;
    if (ackEliciting) {
      eliciting++;
    }
  }

  /** Tags a packet just committed; one that is not tracked is left alone. */
  public void tag(long pn, int tags) {
    if (present(pn)) {
      flags[slot(pn)] |= (byte) tags;
    }
  }

  /** {@link #ECT0} and {@link #MTU_PROBE} of an outstanding packet. */
  int tags(long pn) {
    return flags[slot(pn)] & (ECT0 | MTU_PROBE);
  }

  boolean isMtuProbe(long pn) {
    return (flags[slot(pn)] & MTU_PROBE) != 0;
  }

  /** Nothing outstanding counts as in flight any more; returns the bytes that did. */
  long unflight() {
    long bytes = 0;
    for (long pn = base; pn < next; pn++) {
      if (present(pn) && isInFlight(pn)) {
        bytes += size(pn);
        flags[slot(pn)] &= ~IN_FLIGHT;
      }
    }
    return bytes;
  }

  private void skip(long pn) {
    rollback();
    if (outstanding > 0) {
      while (pn - base >= time.length) {
        grow();
      }
      for (long skipped = next; skipped <= pn; skipped++) {
        flags[slot(skipped)] = UNTRACKED;
      }
    } else {
      base = pn + 1;
    }
    next = pn + 1;
  }

  private int slot(long pn) {
    return (int) pn & time.length - 1;
  }

  boolean present(long pn) {
    return pn >= base && pn < next && (flags[slot(pn)] & PRESENT) != 0;
  }

  long time(long pn) {
    return time[slot(pn)];
  }

  int size(long pn) {
    return size[slot(pn)];
  }

  boolean isEliciting(long pn) {
    return (flags[slot(pn)] & ELICITING) != 0;
  }

  boolean isInFlight(long pn) {
    return (flags[slot(pn)] & IN_FLIGHT) != 0;
  }

  /** Notes the delivery rate's state with a packet just committed that counts as in flight. */
  void noteRate(long pn, DeliveryRate rate) {
    rates.note(slot(pn), rate);
  }

  /** Takes an acknowledged packet into the delivery rate's sample. */
  void sampleRate(long pn, long now, DeliveryRate rate) {
    int i = slot(pn);
    rate.onAcked(now, rates, i, time[i], size[i]);
  }

  long lostBefore(long pn) {
    return rates.lost(slot(pn));
  }

  long inFlightThen(long pn) {
    return rates.inFlight(slot(pn));
  }

  boolean wasAppLimited(long pn) {
    return rates.appLimited(slot(pn));
  }

  /** Whether a number within the ring was acknowledged; only for one that is not present. */
  boolean acked(long pn) {
    return (flags[slot(pn)] & (LOST | UNTRACKED)) == 0;
  }

  /** The highest number below the base that was acknowledged; -1 for none known. */
  long ackedBelowBase() {
    return ackedBelowBase;
  }

  /** Tells {@code fate} about every frame of an outstanding packet. */
  void frames(long pn, int level, boolean acked, FrameFate fate) {
    int s = slot(pn);
    long f = firstFrame[s];
    int n = frames[s];
    for (long at = f; at < f + n; at++) {
      int i = (int) at & kind.length - 1;
      int len = length[i] & ~FIN;
      boolean fin = length[i] < 0;
      if (acked) {
        fate.acked(level, kind[i], id[i], offset[i], len, fin);
      } else {
        fate.lost(level, kind[i], id[i], offset[i], len, fin);
      }
    }
  }

  /**
   * Tells {@code fate} that the frames of some ack-eliciting packets are to be sent again, the
   * oldest from a number on; the packets stay.
   *
   * @return behind the last of them; 0 when there were fewer
   */
  long repeat(int level, long from, int packets, FrameFate fate) {
    int left = packets;
    long pn = Math.max(base, from);
    for (; pn < next && left > 0; pn++) {
      if (present(pn) && isEliciting(pn)) {
        frames(pn, level, false, fate);
        left--;
      }
    }
    return left > 0 ? 0 : pn;
  }

  /** All frames are to be sent again, no packet stays. Returns the bytes in flight they held. */
  long requeue(int level, FrameFate fate) {
    long bytes = 0;
    for (long pn = base; pn < next; pn++) {
      if (present(pn)) {
        bytes += isInFlight(pn) ? size(pn) : 0;
        frames(pn, level, false, fate);
        settle(pn);
      }
    }
    trim();
    return bytes;
  }

  /** The packet is settled as lost. Call {@link #trim} after a batch of these. */
  void settleLost(long pn) {
    settle(pn);
    flags[slot(pn)] = LOST;
  }

  /** The packet is settled. Call {@link #trim} after a batch of these. */
  void settle(long pn) {
    int i = slot(pn);
    outstanding--;
    if ((flags[i] & ELICITING) != 0) {
      eliciting--;
    }
    flags[i] = 0;
  }

  /** Moves the base over what is settled. */
  void trim() {
    while (base < next && (flags[slot(base)] & PRESENT) == 0) {
      ackedBelowBase = acked(base) ? base : ackedBelowBase;
      base++;
    }
    frameBase = base < next ? firstFrame[slot(base)] : frameMark;
  }

  private void grow() {
    int n = Math.max(FEW_PACKETS, 2 * time.length);
    long[] t = new long[n];
    int[] z = new int[n];
    byte[] g = new byte[n];
    long[] f = new long[n];
    int[] c = new int[n];
    for (long pn = base; pn < next; pn++) {
      int from = slot(pn);
      int to = (int) pn & n - 1;
      t[to] = time[from];
      z[to] = size[from];
      g[to] = flags[from];
      f[to] = firstFrame[from];
      c[to] = frames[from];
    }
    rates = rates.grown(n, base, next);
    time = t;
    size = z;
    flags = g;
    firstFrame = f;
    frames = c;
  }

  private void growFrames() {
    int n = Math.max(FEW_FRAMES, 2 * kind.length);
    byte[] k = new byte[n];
    long[] d = new long[n];
    long[] o = new long[n];
    int[] l = new int[n];
    for (long at = frameBase; at < frameNext; at++) {
      int from = (int) at & kind.length - 1;
      int to = (int) at & n - 1;
      k[to] = kind[from];
      d[to] = id[from];
      o[to] = offset[from];
      l[to] = length[from];
    }
    kind = k;
    id = d;
    offset = o;
    length = l;
  }

  /** Gives the rings back: nothing is outstanding, and nothing will be sent in this space. */
  void shed() {
    time = NO_LONGS;
    size = NO_INTS;
    flags = NO_BYTES;
    firstFrame = NO_LONGS;
    frames = NO_INTS;
    rates = PacketRates.NONE;
    kind = NO_BYTES;
    id = NO_LONGS;
    offset = NO_LONGS;
    length = NO_INTS;
    frameBase = frameNext;
    frameMark = frameNext;
  }

  /** Forgets every packet: its number space was discarded. Returns the bytes in flight it held. */
  long discard() {
    long bytes = 0;
    for (long pn = base; pn < next; pn++) {
      if (present(pn)) {
        bytes += isInFlight(pn) ? size(pn) : 0;
        settle(pn);
      }
    }
    trim();
    return bytes;
  }
}
