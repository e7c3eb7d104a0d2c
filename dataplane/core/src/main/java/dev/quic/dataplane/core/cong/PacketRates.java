package dev.quic.dataplane.core.cong;

/**
 * What delivery-rate estimation notes of every sent packet, as primitive columns beside a ring of
 * sent packets whose slots it shares. Nothing is allocated but by {@link #grown}.
 */
public final class PacketRates {
  /** Of a ring without slots. */
  public static final PacketRates NONE = new PacketRates(0);

  private final long[] delivered;
  private final long[] deliveredTime;
  private final long[] firstSentTime;
  private final long[] lost;
  private final long[] inFlight;
  private final boolean[] appLimited;

  /**
   * @param slots of the ring, a power of 2, or 0
   */
  public PacketRates(int slots) {
    delivered = new long[slots];
    deliveredTime = new long[slots];
    firstSentTime = new long[slots];
    lost = new long[slots];
    inFlight = new long[slots];
    appLimited = new boolean[slots];
  }

  /** Notes the connection's state as a packet is sent; after {@link DeliveryRate#onSend}. */
  public void note(int slot, DeliveryRate rate) {
    delivered[slot] = rate.delivered();
    deliveredTime[slot] = rate.deliveredTime();
    firstSentTime[slot] = rate.firstSentTime();
    lost[slot] = rate.lost();
    inFlight[slot] = rate.inFlightAfterSend();
    appLimited[slot] = rate.isAppLimited();
  }

  /**
   * A larger ring with what this one holds, the numbers from {@code base} up to {@code next}.
   *
   * @param slots a power of 2
   */
  public PacketRates grown(int slots, long base, long next) {
    int n = delivered.length;
    PacketRates o = new PacketRates(slots);
    for (long pn = base; pn < next; pn++) {
      int from = (int) pn & n - 1;
      int to = (int) pn & slots - 1;
      o.delivered[to] = delivered[from];
      o.deliveredTime[to] = deliveredTime[from];
      o.firstSentTime[to] = firstSentTime[from];
      o.lost[to] = lost[from];
      o.inFlight[to] = inFlight[from];
      o.appLimited[to] = appLimited[from];
    }
    return o;
  }

  /** Bytes delivered on the connection when the packet was sent. */
  long delivered(int slot) {
    return delivered[slot];
  }

  long deliveredTime(int slot) {
    return deliveredTime[slot];
  }

  long firstSentTime(int slot) {
    return firstSentTime[slot];
  }

  /** Bytes lost on the connection when the packet was sent. */
  public long lost(int slot) {
    return lost[slot];
  }

  /** Bytes in flight just after the packet was sent. */
  public long inFlight(int slot) {
    return inFlight[slot];
  }

  /** Whether the packet was sent while the program gave too little to send. */
  public boolean appLimited(int slot) {
    return appLimited[slot];
  }
}
