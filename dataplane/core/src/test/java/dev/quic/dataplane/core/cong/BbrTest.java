package dev.quic.dataplane.core.cong;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pipe of 1000 packets a second and 50 ms, with a queue as deep as BBR makes it. */
class BbrTest {
  private static final int MSS = 1_000;
  private static final long MS = 1_000_000;
  private static final long RTT = 50 * MS;
  private static final long RATE = 1_000_000;
  private static final long BDP = RATE / 20;
  private static final int RING = 1 << 14;

  private final Bbr cc = new Bbr(MSS, 7);
  private final DeliveryRate rate = new DeliveryRate();
  private final PacketRates packets = new PacketRates(RING);
  private final RttEstimator rtt = new RttEstimator();
  private final long[] sent = new long[RING];
  private final long[] arrives = new long[RING];
  private long now = MS;
  private int next;
  private int oldest;
  private double tokens;

  /** One in so many packets is lost; 0 for none. */
  private int losesOne;

  @BeforeEach
  void start() {
    tokens = MSS;
  }

  private void run(long span) {
    for (long end = now + span; now < end; now += MS / 4) {
      deliver();
      tokens = Math.min(tokens + cc.pacingRate(rtt) / 4_000.0, 2 * MSS + RATE / 100.0);
      while (tokens >= MSS && cc.available() >= MSS) {
        send();
      }
    }
  }

  private void send() {
    tokens -= MSS;
    int slot = next & RING - 1;
    rate.onSend(now, cc.bytesInFlight(), MSS);
    packets.note(slot, rate);
    cc.onPacketSent(now, MSS);
    sent[slot] = now;
    long before = next == 0 ? 0 : arrives[next - 1 & RING - 1];
    arrives[slot] = Math.max(now + RTT, before + MS);
    next++;
  }

  private void deliver() {
    while (oldest < next && arrives[oldest & RING - 1] <= now) {
      int slot = oldest & RING - 1;
      rate.begin();
      if (losesOne > 0 && oldest % losesOne == 0) {
        rate.onLost(MSS);
        long since = rate.lost() - packets.lost(slot);
        cc.onPacketLost(MSS, since, packets.inFlight(slot), packets.appLimited(slot));
        cc.onLost(MSS);
        cc.onCongestionEvent(now, sent[slot]);
      } else {
        rtt.onSample(now - sent[slot], 0, 0);
        rate.onAcked(now, packets, slot, sent[slot], MSS);
        rate.end(rtt.min());
        cc.onAcked(now, sent[slot], MSS, false, rtt);
        cc.onSample(now, rate, rtt);
        rate.consumed();
      }
      oldest++;
    }
  }

  private void until(String state) {
    for (int i = 0; i < 10_000 && !cc.toString().contains(state); i++) {
      run(MS);
    }
    assertThat(cc.toString()).contains(state);
  }

  @Test
  void startupFillsThePipeAndDrainsIt() {
    assertThat(cc.cwnd()).isEqualTo(10_000);
    assertThat(cc.inSlowStart()).isTrue();
    run(2_000 * MS);
    assertThat(cc.inSlowStart()).isFalse();
    assertThat(cc.toString()).containsPattern("PROBE_(CRUISE|DOWN)");
    assertThat((double) cc.pacingRate(rtt)).isBetween(0.85 * RATE, 1.05 * RATE);
    assertThat(cc.bytesInFlight()).isBetween(BDP / 2, BDP * 3 / 2);
    assertThat(cc.cwnd()).isBetween(BDP, 3 * BDP);
  }

  @Test
  void everyCycleProbesForMore() {
    run(2_000 * MS);
    boolean up = false;
    boolean roundTrip = false;
    for (int i = 0; i < 12_000; i++) {
      run(MS);
      up |= cc.toString().contains("PROBE_UP");
      if (cc.toString().contains("PROBE_RTT")) {
        roundTrip = true;
        assertThat(cc.pacingRate(rtt)).isLessThan(RATE * 11 / 10);
      }
    }
    assertThat(up).isTrue();
    assertThat(roundTrip).as("PROBE_RTT once in five seconds").isTrue();
  }

  @Test
  void lossOfOneInAHundredIsBorne() {
    losesOne = 100;
    run(4_000 * MS);
    int before = next;
    run(10_000 * MS);
    assertThat(next - before).isGreaterThan(8_500);
  }

  @Test
  void heavyLossBoundsTheVolume() {
    losesOne = 10;
    run(10_000 * MS);
    assertThat(cc.ssthresh()).as("long-term bound").isLessThan(3 * BDP);
    assertThat(cc.toString()).doesNotContain("bounds none");
  }

  @Test
  void marksEndAProbe() {
    run(2_000 * MS);
    until("PROBE_UP");
    cc.onEcn(now, now - RTT);
    assertThat(cc.ssthresh()).isLessThan(Long.MAX_VALUE);
    run(MS);
    assertThat(cc.toString()).contains("PROBE_DOWN");
  }

  @Test
  void persistentCongestionLeavesTwoDatagramsAndGrowsBack() {
    run(3_000 * MS);
    cc.onPersistentCongestion(now);
    assertThat(cc.cwnd()).isEqualTo(2 * MSS);
    run(1_000 * MS);
    assertThat(cc.cwnd()).isGreaterThan(BDP);
  }

  @Test
  void spuriousLossIsTakenBack() {
    run(3_000 * MS);
    until("PROBE_UP");
    until("PROBE_CRUISE");
    losesOne = 3;
    run(RTT - 2 * MS);
    losesOne = 0;
    run(RTT);
    assertThat(cc.toString()).doesNotContain("bounds none");
    cc.onSpurious(now);
    assertThat(cc.toString()).contains("bounds none");
  }

  @Test
  void anotherPathStartsOver() {
    run(3_000 * MS);
    cc.reset();
    assertThat(cc.cwnd()).isEqualTo(cc.initialWindow());
    assertThat(cc.inSlowStart()).isTrue();
    cc.mss(1_400);
    assertThat(cc.cwnd()).isEqualTo(14_000);
  }
}
