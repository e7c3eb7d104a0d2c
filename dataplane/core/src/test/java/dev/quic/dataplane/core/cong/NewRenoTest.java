package dev.quic.dataplane.core.cong;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NewRenoTest {
  private static final int MSS = 1_400;

  private final RttEstimator rtt = new RttEstimator();

  private void ack(NewReno cc, long sentTime, int bytes) {
    cc.onPacketSent(sentTime, bytes);
    cc.onAcked(sentTime + 1, sentTime, bytes, false, rtt);
  }

  /** The numbers of the kernel's cong_test2. */
  @Test
  void numbersOfTheKernelsTest() {
    NewReno cc = new NewReno(MSS, true);
    cc.windowCap(262_144);
    assertThat(cc.cwnd()).isEqualTo(14_000);
    long[] windows = {16_120, 23_120, 37_120, 65_120, 121_120};
    for (long w : windows) {
      ack(cc, 1, (int) (w - cc.cwnd()));
      assertThat(cc.cwnd()).isEqualTo(w);
    }
    ack(cc, 1, 200_000);
    assertThat(cc.cwnd()).isEqualTo(262_144);

    cc.onCongestionEvent(100, 50);
    assertThat(cc.cwnd()).isEqualTo(131_072);
    assertThat(cc.ssthresh()).isEqualTo(131_072);
    assertThat(cc.inSlowStart()).isFalse();
    cc.onCongestionEvent(110, 99);
    assertThat(cc.cwnd()).isEqualTo(131_072);
    ack(cc, 90, MSS);
    assertThat(cc.cwnd()).isEqualTo(131_072);
    ack(cc, 101, MSS);
    assertThat(cc.cwnd()).isEqualTo(131_086);

    cc.onPersistentCongestion(200);
    assertThat(cc.cwnd()).isEqualTo(14_000);
    assertThat(cc.ssthresh()).isEqualTo(131_072);
    assertThat(cc.inSlowStart()).isTrue();
    ack(cc, 300, 120_000);
    assertThat(cc.inSlowStart()).isFalse();
    cc.onEcn(400, 350);
    assertThat(cc.cwnd()).isEqualTo(67_000);
    cc.onEcn(410, 360);
    assertThat(cc.cwnd()).isEqualTo(67_000);
  }

  @Test
  void windowFallsToTwoDatagramsAsTheRfcSays() {
    NewReno cc = new NewReno(MSS);
    cc.onPersistentCongestion(1);
    assertThat(cc.cwnd()).isEqualTo(2 * MSS);
    cc.onCongestionEvent(10, 5);
    assertThat(cc.cwnd()).isEqualTo(2 * MSS);
  }

  @Test
  void idleWindowDoesNotGrow() {
    NewReno cc = new NewReno(MSS);
    cc.onPacketSent(1, MSS);
    cc.onAcked(2, 1, MSS, true, rtt);
    assertThat(cc.cwnd()).isEqualTo(14_000);
    assertThat(cc.bytesInFlight()).isZero();
  }

  @Test
  void oneDatagramPerWindowInAvoidance() {
    NewReno cc = new NewReno(MSS);
    ack(cc, 1, 126_000);
    cc.onCongestionEvent(10, 5);
    long start = cc.cwnd();
    assertThat(start).isEqualTo(70_000);
    for (long acked = 0; acked < start; acked += MSS) {
      ack(cc, 20, MSS);
    }
    assertThat(cc.cwnd()).isBetween(start + MSS - 30, start + MSS);
  }

  @Test
  void bytesInFlightAreAccounted() {
    NewReno cc = new NewReno(MSS);
    for (int i = 0; i < 10; i++) {
      cc.onPacketSent(i, MSS);
    }
    assertThat(cc.available()).isZero();
    cc.onLost(2 * MSS);
    cc.onDiscarded(MSS);
    assertThat(cc.bytesInFlight()).isEqualTo(7 * MSS);
    assertThat(cc.available()).isEqualTo(3 * MSS);
    cc.onDiscarded(100L * MSS);
    assertThat(cc.bytesInFlight()).isZero();
  }

  @Test
  void initialWindowFollowsTheDatagramSizeUntilUsed() {
    NewReno cc = new NewReno(1_200);
    assertThat(cc.cwnd()).isEqualTo(12_000);
    cc.mss(1_452);
    assertThat(cc.cwnd()).isEqualTo(14_520);
    cc.mss(9_000);
    assertThat(cc.cwnd()).isEqualTo(18_000);
    cc.onCongestionEvent(5, 1);
    assertThat(cc.ssthresh()).isEqualTo(9_000);
    cc.reset();
    assertThat(cc.ssthresh()).isEqualTo(Long.MAX_VALUE);
  }
}
