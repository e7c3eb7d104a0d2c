package dev.quic.dataplane.core.outqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.cong.CongestionControl;
import dev.quic.dataplane.core.cong.Cubic;
import dev.quic.dataplane.core.cong.NewReno;
import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9002 sections 6 and 7.6, and what undoes a loss that was none. */
class LossRecoveryTest {
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int MSS = 1_200;
  private static final long MS = 1_000_000;
  private static final long SECOND = 1_000 * MS;

  /** The minimum window, grown by the packet whose acknowledgement told the losses. */
  private static final long REDUCED = 3 * MSS;

  private final List<Long> lost = new ArrayList<>();
  private int spurious;
  private final RttEstimator rtt = new RttEstimator();
  private final CongestionControl cc = new NewReno(MSS);
  private final LossRecovery recovery = recovery(cc);

  private LossRecovery recovery(CongestionControl controller) {
    EventSink sink =
        new EventSink() {
          @Override
          public void packetLost(long now, long sock, int level, long pn, int bytes) {
            lost.add(pn);
          }

          @Override
          public void spuriousLoss(long now, long sock) {
            spurious++;
          }
        };
    FrameFate fate =
        new FrameFate() {
          @Override
          public void acked(int level, int kind, long id, long offset, int len, boolean fin) {}

          @Override
          public void lost(int level, int kind, long id, long offset, int len, boolean fin) {}
        };
    LossRecovery r = new LossRecovery(controller, rtt, fate, sink, 1);
    r.probeTimeout().confirm();
    return r;
  }

  private void send(long pn, long now) {
    recovery.sent(APP).begin();
    recovery.onSent(APP, pn, now, MSS, true, true);
  }

  /** Acknowledges ranges given as high and low, the newest first. */
  private void ack(long now, long... ranges) {
    Frame f = new Frame();
    f.type = FrameType.ACK;
    f.id = ranges[0];
    f.ackCount = ranges.length / 2;
    for (int i = 0; i < f.ackCount; i++) {
      f.ackHigh[i] = ranges[2 * i];
      f.ackLow[i] = ranges[2 * i + 1];
    }
    assertThat(recovery.onAck(APP, f, 0, now)).isZero();
  }

  /**
   * How the example of RFC 9002 section 7.6.3 begins: a probe timeout of 2 s, a round trip known
   * before.
   *
   * @return when the first packet was sent
   */
  private long rfcsExample() {
    sampled();
    long start = SECOND;
    send(1, start);
    send(2, start + SECOND);
    ack(start + 1_200 * MS, 1, 1);
    rtt.reset(RttEstimator.INITIAL_RTT);
    rtt.onSample(658 * MS, 0, 0);
    return start;
  }

  @Test
  void persistentCongestionOfTheRfcsExample() {
    long start = rfcsExample();
    assertThat(rtt.pto(recovery.probeTimeout().maxAckDelay())).isBetween(1_990 * MS, 2_010 * MS);
    for (int pn = 3; pn <= 7; pn++) {
      send(pn, start + (pn - 1) * SECOND);
    }
    send(8, start + 8 * SECOND);
    send(9, start + 12 * SECOND);
    assertThat(cc.cwnd()).isGreaterThan(2 * MSS);
    ack(start + 12_200 * MS, 9, 9);
    assertThat(lost).containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L);
    assertThat(cc.cwnd()).isEqualTo(REDUCED);
    assertThat(rtt.min()).as("RFC 9002 section 5.2").isEqualTo(200 * MS);
  }

  /** A number that was never sent, before an acknowledgement of ours, is none acknowledged. */
  @Test
  void skippedNumbersDoNotEndPersistentCongestion() {
    long start = rfcsExample();
    send(3, start + 2 * SECOND);
    acknowledge(5, 6, start + 2 * SECOND);
    send(6, start + 3 * SECOND);
    send(7, start + 4 * SECOND);
    send(8, start + 8 * SECOND);
    send(9, start + 12 * SECOND);
    ack(start + 12_200 * MS, 9, 9);
    assertThat(lost).containsExactly(2L, 3L, 6L, 7L, 8L);
    assertThat(cc.cwnd()).isEqualTo(REDUCED);
  }

  /** What was sent before a round trip was known does not count. */
  @Test
  void withoutARoundTripThereIsNoPersistentCongestion() {
    for (int pn = 0; pn <= 8; pn++) {
      send(pn, pn * SECOND);
    }
    ack(8_100 * MS, 8, 8);
    assertThat(lost).hasSize(8);
    assertThat(cc.cwnd()).isGreaterThan(2 * MSS);
  }

  private void sampled() {
    send(0, 0);
    ack(100 * MS, 0, 0);
    assertThat(rtt.persistentCongestion(recovery.probeTimeout().maxAckDelay())).isEqualTo(975 * MS);
  }

  @Test
  void persistentCongestionNeedsMoreThanThreeTimeouts() {
    sampled();
    send(1, 200 * MS);
    send(2, 700 * MS);
    send(3, 1_200 * MS);
    send(4, 1_400 * MS);
    ack(1_500 * MS, 4, 4);
    assertThat(lost).containsExactly(1L, 2L, 3L);
    assertThat(cc.cwnd()).as("1000 ms apart").isEqualTo(REDUCED);
  }

  @Test
  void shorterPeriodOnlyHalves() {
    sampled();
    long window = cc.cwnd();
    send(1, 200 * MS);
    send(2, 700 * MS);
    send(3, 1_000 * MS);
    send(4, 1_400 * MS);
    ack(1_500 * MS, 4, 4);
    assertThat(lost).containsExactly(1L, 2L, 3L);
    assertThat(cc.cwnd()).isEqualTo(window / 2);
  }

  /** None of the packets sent between the two may have been acknowledged. */
  @Test
  void acknowledgementBetweenBreaksThePeriod() {
    sampled();
    send(1, 200 * MS);
    send(2, 700 * MS);
    send(3, 1_250 * MS);
    send(4, 1_400 * MS);
    ack(1_500 * MS, 4, 4, 2, 2);
    assertThat(lost).containsExactly(1L, 3L);
    assertThat(cc.cwnd()).isGreaterThan(2 * MSS);
  }

  /** The two need not be declared lost by the same acknowledgement. */
  @Test
  void periodSpansSeveralAcknowledgements() {
    sampled();
    send(1, 200 * MS);
    send(2, 300 * MS);
    send(3, 1_300 * MS);
    assertThat(recovery.deadline(false)).isLessThan(Long.MAX_VALUE);
    send(4, 1_310 * MS);
    ack(1_320 * MS, 4, 4);
    assertThat(lost).containsExactly(1L, 2L);
    assertThat(cc.cwnd()).isGreaterThan(2 * MSS);
    recovery.onTimeout(recovery.deadline(false));
    assertThat(lost).containsExactly(1L, 2L, 3L);
    assertThat(cc.cwnd()).isEqualTo(2 * MSS);
  }

  /** A number nobody would acknowledge does not interrupt. */
  @Test
  void pureAcknowledgementsDoNotBreakThePeriod() {
    sampled();
    send(1, 200 * MS);
    recovery.sent(APP).begin();
    recovery.onSent(APP, 2, 400 * MS, 40, false, false);
    send(3, 1_200 * MS);
    send(4, 1_400 * MS);
    ack(1_500 * MS, 4, 4);
    assertThat(lost).containsExactly(1L, 3L);
    assertThat(cc.cwnd()).isEqualTo(REDUCED);
  }

  @Test
  void reorderingIsUndoneAndPutUpWith() {
    sampled();
    long window = cc.cwnd();
    for (int pn = 1; pn <= 8; pn++) {
      send(pn, 200 * MS);
    }
    ack(300 * MS, 6, 3);
    assertThat(lost).containsExactly(1L, 2L);
    assertThat(cc.cwnd()).isLessThan(window);
    ack(301 * MS, 7, 2);
    assertThat(spurious).as("one of two").isZero();
    assertThat(cc.cwnd()).isLessThan(window);
    ack(302 * MS, 8, 1);
    assertThat(spurious).isEqualTo(1);
    assertThat(cc.cwnd()).isGreaterThanOrEqualTo(window);
    assertThat(cc.ssthresh()).isEqualTo(Long.MAX_VALUE);
    // The threshold is beyond that distance now.
    lost.clear();
    for (int pn = 10; pn <= 16; pn++) {
      send(pn, 400 * MS);
    }
    ack(500 * MS, 15, 11);
    assertThat(lost).isEmpty();
    ack(501 * MS, 16, 10);
    assertThat(spurious).isEqualTo(1);
  }

  @Test
  void realLossIsNotUndone() {
    sampled();
    for (int pn = 1; pn <= 8; pn++) {
      send(pn, 200 * MS);
    }
    ack(300 * MS, 8, 3);
    long window = cc.cwnd();
    assertThat(lost).containsExactly(1L, 2L);
    ack(310 * MS, 8, 2);
    assertThat(spurious).isZero();
    assertThat(cc.cwnd()).isEqualTo(window);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1_000})
  void lostPacketsWatchedAreBounded(int packets) {
    sampled();
    for (int pn = 1; pn <= packets + 3; pn++) {
      send(pn, 200 * MS);
    }
    ack(300 * MS, packets + 3, packets + 1);
    assertThat(lost).hasSize(packets);
    ack(310 * MS, packets + 3, 1);
    assertThat(spurious).isEqualTo(packets <= 256 ? 1 : 0);
  }

  /** Sends acknowledgements, which nobody acknowledges, from a number up to another. */
  private void acknowledge(long from, long to, long now) {
    for (long pn = from; pn < to; pn++) {
      recovery.sent(APP).begin();
      recovery.onSent(APP, pn, now, 30, false, false);
    }
  }

  /** The numbers from the oldest packet on are kept, so a peer must not be able to add to them. */
  @Test
  void oldPacketsAmongAcknowledgementsAreForgotten() {
    sampled();
    long start = 200 * MS;
    send(1, start);
    send(2, start);
    acknowledge(3, 1_000, start);
    recovery.forgetOld(start + SECOND);
    assertThat(lost).as("few numbers").isEmpty();
    acknowledge(1_000, 1_100, start);
    recovery.forgetOld(start + 100 * MS);
    assertThat(lost).as("may still be acknowledged").isEmpty();
    long window = cc.cwnd();
    recovery.forgetOld(start + SECOND);
    assertThat(lost).containsExactly(1L, 2L);
    assertThat(cc.bytesInFlight()).isZero();
    assertThat(cc.cwnd()).as("no congestion").isEqualTo(window);
    send(1_100, start);
    acknowledge(1_101, 17_500, start);
    recovery.forgetOld(start);
    assertThat(lost).as("too many").containsExactly(1L, 2L, 1_100L);
    ack(start + 100 * MS, 1_100, 1_100);
  }

  @Test
  void undoBringsCubicsEpochBack() {
    Cubic cubic = new Cubic(MSS);
    cubic.onPacketSent(0, 120_000);
    cubic.onAcked(100 * MS, 0, 120_000, false, rtt);
    cubic.onCongestionEvent(200 * MS, 150 * MS);
    long window = cubic.cwnd();
    long threshold = cubic.ssthresh();
    cubic.onCongestionEvent(400 * MS, 300 * MS);
    assertThat(cubic.cwnd()).isLessThan(window);
    cubic.onSpurious(450 * MS);
    assertThat(cubic.cwnd()).isEqualTo(window);
    assertThat(cubic.ssthresh()).isEqualTo(threshold);
    cubic.onSpurious(460 * MS);
    assertThat(cubic.cwnd()).as("only once").isEqualTo(window);
    assertThat(cubic.inRecovery(300 * MS)).isFalse();
  }

  /** RFC 9000 section 9.4: what went another path tells nothing of this one, marks included. */
  @Test
  void marksOfAnotherPathAreNoCongestionOfThisOne() {
    recovery.watch(
        new PacketWatch() {
          @Override
          public boolean onAckFrame(long now, int level, Frame f, boolean grew) {
            return true;
          }
        });
    send(0, 0);
    send(1, 10 * MS);
    recovery.onNewPath(20 * MS);
    cc.reset();
    send(2, 30 * MS);
    long window = cc.cwnd();
    ack(110 * MS, 1, 0);
    assertThat(cc.cwnd()).isEqualTo(window);
    assertThat(cc.inSlowStart()).isTrue();
    assertThat(cc.ssthresh()).isEqualTo(Long.MAX_VALUE);
    ack(130 * MS, 2, 0);
    assertThat(cc.ssthresh()).isLessThan(window);
  }
}
