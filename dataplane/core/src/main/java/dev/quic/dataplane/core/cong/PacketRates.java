package dev.quic.dataplane.core.cong;

/**
 * What delivery-rate estimation notes of every sent packet, as primitive columns beside a ring of
 * sent packets whose slots it shares. Nothing is allocated but by {@link #grow}.
 */
public final class PacketRates {
  private long[] delivered;
  private long[] deliveredTime;
  private long[] firstSentTime;
  private long[] lost;
  private long[] inFlight;
  private boolean[] appLimited;

  /**
   * @param slots of the ring, a power of 2
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

  /** Doubles the ring, which holds the numbers from {@code base} up to {@code next}. */
  public void grow(long base, long next) {
    int n = delivered.length;
    PacketRates old = new PacketRates(0);
    old.take(this);
    take(new PacketRates(2 * n));
    for (long pn = base; pn < next; pn++) {
      int from = (int) pn & n - 1;
      int to = (int) pn & 2 * n - 1;
      delivered[to] = old.delivered[from];
      deliveredTime[to] = old.deliveredTime[from];
      firstSentTime[to] = old.firstSentTime[from];
      lost[to] = old.lost[from];
      inFlight[to] = old.inFlight[from];
      appLimited[to] = old.appLimited[from];
    }
  }

  private void take(PacketRates o) {
    delivered = o.delivered;
    deliveredTime = o.deliveredTime;
    firstSentTime = o.firstSentTime;
    lost = o.lost;
    inFlight = o.inFlight;
    appLimited = o.appLimited;
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
