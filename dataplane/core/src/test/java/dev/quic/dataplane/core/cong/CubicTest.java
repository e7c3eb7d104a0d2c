package dev.quic.dataplane.core.cong;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 9438 and RFC 9406. */
class CubicTest {
  private static final int MSS = 1_400;
  private static final long MS = 1_000_000;
  private static final long RTT = 50 * MS;

  private final RttEstimator rtt = new RttEstimator();

  private void ack(Cubic cc, long now, long sentTime, int bytes) {
    cc.onPacketSent(sentTime, bytes);
    cc.onAcked(now, sentTime, bytes, false, rtt);
  }

  /** A full window acknowledged datagram by datagram within a round trip; returns its end. */
  private long round(Cubic cc, long start, long delay) {
    long window = cc.cwnd();
    rtt.onSample(delay, 0, 0);
    for (long acked = 0; acked < window; acked += MSS) {
      ack(cc, start + delay, start, MSS);
    }
    return start + delay;
  }

  /** The window after a loss at a size. */
  private Cubic after(long window) {
    Cubic cc = new Cubic(MSS, true);
    cc.windowCap(window);
    ack(cc, 1, 0, 1 << 21);
    assertThat(cc.cwnd()).isEqualTo(window);
    cc.onCongestionEvent(100, 50);
    return cc;
  }

  /** Losses of the kernel's cong_test3, which takes 0.7 of the window. */
  @Test
  void reductionsOfTheKernelsTest() {
    Cubic cc = after(106_496);
    assertThat(cc.cwnd()).isEqualTo(74_547);
    assertThat(cc.inSlowStart()).isFalse();
    cc.onPersistentCongestion(200);
    assertThat(cc.cwnd()).isEqualTo(14_000);
    assertThat(after(82_313).cwnd()).isEqualTo(57_619);
    Cubic ecn = new Cubic(MSS, true);
    ecn.windowCap(54_003);
    ack(ecn, 1, 0, 1 << 21);
    ecn.onEcn(10, 5);
    assertThat(ecn.cwnd()).isEqualTo(37_802);
    ecn.onEcn(20, 9);
    assertThat(ecn.cwnd()).isEqualTo(37_802);
  }

  /** Concave up to the window of the loss, a plateau there, convex after it. */
  @Test
  void windowFollowsTheCubic() {
    Cubic cc = after(1_400_000);
    cc.windowCap(Long.MAX_VALUE);
    // K of RFC 9438 section 4.2: cubic root of 300 segments / 0.4.
    double k = Math.cbrt(300 / 0.4);
    long now = 1_000 * MS;
    long start = now;
    double last = 0;
    double slowest = Double.MAX_VALUE;
    double slowestAt = 0;
    while ((now - start) / 1e9 < 2 * k) {
      long before = cc.cwnd();
      now = round(cc, now, RTT);
      double t = (now - start) / 1e9;
      last = 0.4 * Math.pow(t - k, 3) * MSS + 1_400_000;
      assertThat((double) cc.cwnd()).isBetween(last * 0.97, last * 1.03);
      if (cc.cwnd() - before < slowest) {
        slowest = cc.cwnd() - before;
        slowestAt = t;
      }
    }
    assertThat(slowestAt).isBetween(k * 0.7, k * 1.3);
    assertThat(cc.cwnd()).isGreaterThan(1_700_000);
  }

  /** With a short round trip Reno grows faster, and CUBIC goes along (section 4.3). */
  @Test
  void neverSlowerThanReno() {
    Cubic cc = after(70_000);
    cc.windowCap(Long.MAX_VALUE);
    NewReno reno = new NewReno(MSS, true);
    reno.windowCap(70_000);
    reno.onPacketSent(0, 1 << 21);
    reno.onAcked(1, 0, 1 << 21, false, rtt);
    reno.onCongestionEvent(100, 50);
    long now = 1_000 * MS;
    for (int i = 0; i < 400; i++) {
      long window = reno.cwnd();
      for (long acked = 0; acked < window; acked += MSS) {
        reno.onPacketSent(now, MSS);
        reno.onAcked(now + MS, now, MSS, false, rtt);
      }
      now = round(cc, now, MS);
    }
    assertThat(cc.cwnd()).isGreaterThan(reno.cwnd() * 9 / 10);
  }

  @Test
  void shrinkingFlowLeavesRoom() {
    Cubic cc = after(140_000);
    cc.onCongestionEvent(200 * MS, 150 * MS);
    // Fast convergence: the next plateau is at 98000 x 0.85, not at 98000.
    assertThat(cc.cwnd()).isEqualTo(68_600);
    cc.windowCap(Long.MAX_VALUE);
    long now = 1_000 * MS;
    long start = now;
    double k = Math.cbrt((83_300 - 68_600) / 1_400.0 / 0.4);
    while ((now - start) / 1e9 < k) {
      now = round(cc, now, 200 * MS);
    }
    assertThat(cc.cwnd()).isBetween(80_000L, 90_000L);
  }

  @Test
  void idleTimeIsNoTimeOfGrowth() {
    Cubic busy = after(1_400_000);
    Cubic idle = after(1_400_000);
    busy.windowCap(Long.MAX_VALUE);
    idle.windowCap(Long.MAX_VALUE);
    long now = round(busy, 1_000 * MS, RTT);
    round(idle, 1_000 * MS, RTT);
    idle.onPacketSent(now, MSS);
    idle.onAcked(now, now - MS, MSS, true, rtt);
    long later = now + 60_000 * MS;
    round(busy, now, RTT);
    round(idle, later, RTT);
    assertThat(idle.cwnd()).isBetween(busy.cwnd() - 2 * MSS, busy.cwnd() + 2 * MSS);
  }

  @Test
  void delayEndsSlowStart() {
    Cubic cc = new Cubic(MSS);
    long now = 0;
    for (int i = 0; i < 3; i++) {
      now = round(cc, now, RTT);
    }
    assertThat(cc.cwnd()).isEqualTo(8 * 14_000);
    long window = cc.cwnd();
    now = round(cc, now, RTT + 8 * MS);
    // Eight samples tell; from then on a quarter.
    assertThat(cc.cwnd()).isLessThan(window * 3 / 2);
    assertThat(cc.inSlowStart()).isTrue();
    for (int i = 0; i < 6; i++) {
      now = round(cc, now, RTT + 8 * MS);
    }
    assertThat(cc.inSlowStart()).isFalse();
    assertThat(cc.ssthresh()).isLessThan(Long.MAX_VALUE);
  }

  @Test
  void falseAlarmGoesOn() {
    Cubic cc = new Cubic(MSS);
    long now = 0;
    for (int i = 0; i < 3; i++) {
      now = round(cc, now, RTT);
    }
    now = round(cc, now, RTT + 8 * MS);
    for (int i = 0; i < 6; i++) {
      long window = cc.cwnd();
      now = round(cc, now, RTT);
      assertThat(cc.cwnd()).isGreaterThan(window * 3 / 2);
    }
    assertThat(cc.ssthresh()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void steadyDelayDoesNotEndSlowStart() {
    Cubic cc = new Cubic(MSS);
    long now = 0;
    for (int i = 0; i < 10; i++) {
      now = round(cc, now, RTT + i % 2 * MS);
    }
    assertThat(cc.ssthresh()).isEqualTo(Long.MAX_VALUE);
  }
}
