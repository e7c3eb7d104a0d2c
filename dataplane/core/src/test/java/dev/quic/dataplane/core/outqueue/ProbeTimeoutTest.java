package dev.quic.dataplane.core.outqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.cong.CongestionControl;
import dev.quic.dataplane.core.cong.NewReno;
import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.api.Test;

/** What a loss timer is set for, what it does, and what ends it: RFC 9002 sections 5 to 7. */
class ProbeTimeoutTest {
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  private static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  private static final int MSS = 1_200;
  private static final long MS = 1_000_000;
  private static final long NEVER = Long.MAX_VALUE;

  private int lost;
  private int repeated;
  private int samples;
  private final RttEstimator rtt = new RttEstimator();
  private final CongestionControl cc = new NewReno(MSS);
  private final LossRecovery recovery = new LossRecovery(cc, rtt, fate(), sink(), 1);
  private final ProbeTimeout timeout = recovery.probeTimeout();

  private EventSink sink() {
    return new EventSink() {
      @Override
      public void packetLost(long now, long sock, int level, long pn, int bytes) {
        lost++;
      }

      @Override
      public void rttUpdated(long now, long sock, long latest, long min, long smooth, long var) {
        samples++;
      }
    };
  }

  private FrameFate fate() {
    return new FrameFate() {
      @Override
      public void acked(int level, int kind, long id, long offset, int len, boolean fin) {}

      @Override
      public void lost(int level, int kind, long id, long offset, int len, boolean fin) {
        repeated++;
      }
    };
  }

  private void send(int level, long pn, long now, boolean eliciting) {
    recovery.sent(level).begin();
    recovery.sent(level).note(SentPackets.PING, 0, 0, 0, false);
    recovery.onSent(level, pn, now, MSS, eliciting, true);
  }

  private void ack(int level, long now, long high, long low) {
    Frame f = new Frame();
    f.type = FrameType.ACK;
    f.id = high;
    f.ackCount = 1;
    f.ackHigh[0] = high;
    f.ackLow[0] = low;
    assertThat(recovery.onAck(level, f, 0, now)).isZero();
  }

  /** A client or server with a round trip of 100 ms. */
  private void measured() {
    send(INITIAL, 0, 0, true);
    ack(INITIAL, 100 * MS, 0, 0);
    assertThat(samples).isEqualTo(1);
    recovery.discard(INITIAL);
  }

  private void confirmed() {
    measured();
    recovery.discard(HANDSHAKE);
    timeout.confirm();
  }

  /** RFC 9002 section 5.1. */
  @Test
  void onlyNewlyAcknowledgedElicitingPacketsAreSamples() {
    confirmed();
    send(APP, 0, 200 * MS, true);
    send(APP, 1, 200 * MS, false);
    ack(APP, 300 * MS, 1, 1);
    assertThat(samples).as("padding alone").isEqualTo(1);
    ack(APP, 310 * MS, 1, 0);
    assertThat(samples).as("the largest is not new").isEqualTo(1);
    send(APP, 2, 320 * MS, true);
    ack(APP, 420 * MS, 2, 0);
    assertThat(samples).isEqualTo(2);
    ack(APP, 430 * MS, 2, 0);
    assertThat(samples).as("nothing new at all").isEqualTo(2);
  }

  /** RFC 9002 section 6.2: what a timeout doubts is not lost. */
  @Test
  void aTimeoutMarksNothingLost() {
    confirmed();
    send(APP, 0, 200 * MS, true);
    send(APP, 1, 201 * MS, true);
    long flight = cc.bytesInFlight();
    for (int i = 0; i < 5; i++) {
      assertThat(recovery.onTimeout(recovery.deadline(false))).isTrue();
    }
    assertThat(lost).isZero();
    assertThat(cc.bytesInFlight()).isEqualTo(flight);
    assertThat(cc.inSlowStart()).isTrue();
    assertThat(recovery.sent(APP).eliciting()).isEqualTo(2);
  }

  /** RFC 9002 section 6.2.1. */
  @Test
  void theEarlierOfInitialAndHandshakeCounts() {
    send(HANDSHAKE, 0, 10 * MS, true);
    send(INITIAL, 0, 50 * MS, true);
    assertThat(recovery.deadline(false)).isEqualTo(10 * MS + rtt.pto(0));
    send(HANDSHAKE, 1, 90 * MS, true);
    assertThat(recovery.deadline(false)).isEqualTo(50 * MS + rtt.pto(0));
  }

  /** RFC 9002 section 6.2.1. */
  @Test
  void applicationDataHasNoTimerBeforeTheHandshakeIsConfirmed() {
    measured();
    timeout.peerValidated();
    timeout.flightComplete();
    send(APP, 0, 200 * MS, true);
    assertThat(recovery.deadline(false)).isEqualTo(NEVER);
    recovery.discard(HANDSHAKE);
    timeout.confirm();
    assertThat(recovery.deadline(false)).isEqualTo(200 * MS + rtt.pto(timeout.maxAckDelay()));
  }

  /** A server that knew our address may be at its limit at the next one. */
  @Test
  void aClientProbesUntilItHasTheWholeFlight() {
    measured();
    timeout.peerValidated();
    assertThat(recovery.deadline(false)).isNotEqualTo(NEVER);
    timeout.flightComplete();
    assertThat(recovery.deadline(false)).isEqualTo(NEVER);
  }

  /** RFC 9002 section 6.2.1: twice as long each time, and at once as before when heard of. */
  @Test
  void theBackoffDoubles() {
    confirmed();
    send(APP, 0, 200 * MS, true);
    long pto = rtt.pto(timeout.maxAckDelay());
    long at = 200 * MS;
    for (int i = 0; i < 6; i++) {
      assertThat(recovery.deadline(false)).isEqualTo(at + (pto << i));
      at = recovery.deadline(false);
      recovery.onTimeout(at);
      assertThat(timeout.count()).isEqualTo(i + 1);
      send(APP, 1 + i, at, true);
    }
    ack(APP, at + 100 * MS, 6, 6);
    assertThat(timeout.count()).isZero();
  }

  /** RFC 9002 section 6.2.1: one timer, and a packet that may be lost soon has it. */
  @Test
  void thereIsNoTimeoutWhileALossTimerRuns() {
    confirmed();
    send(APP, 0, 200 * MS, true);
    send(APP, 1, 201 * MS, true);
    ack(APP, 301 * MS, 1, 1);
    long due = recovery.deadline(false);
    assertThat(due).isEqualTo(200 * MS + rtt.lossDelay());
    assertThat(due).isLessThan(200 * MS + rtt.pto(timeout.maxAckDelay()));
    assertThat(recovery.onTimeout(due)).as("no probe timeout").isFalse();
    assertThat(timeout.count()).isZero();
    assertThat(lost).isEqualTo(1);
    send(APP, 2, due, true);
    assertThat(recovery.deadline(false)).isEqualTo(due + rtt.pto(timeout.maxAckDelay()));
  }

  /** RFC 9002 sections 6.2.2 and 6.4. */
  @Test
  void discardedKeysTakeTheirPacketsAndTimersAlong() {
    send(INITIAL, 0, 0, true);
    recovery.onTimeout(recovery.deadline(false));
    recovery.onTimeout(recovery.deadline(false));
    assertThat(timeout.count()).isEqualTo(2);
    long now = 4_000 * MS;
    send(HANDSHAKE, 0, now, true);
    send(INITIAL, 1, now, true);
    assertThat(cc.bytesInFlight()).isEqualTo(3 * MSS);
    long window = cc.cwnd();
    recovery.discard(INITIAL);
    assertThat(cc.bytesInFlight()).isEqualTo(MSS);
    assertThat(cc.cwnd()).isEqualTo(window);
    assertThat(timeout.count()).isZero();
    assertThat(recovery.sent(INITIAL).outstanding()).isZero();
    assertThat(recovery.deadline(false)).isEqualTo(now + rtt.pto(0));
    assertThat(lost).isZero();
  }

  @Test
  void discardedKeysTakeTheLossTimerAlong() {
    send(INITIAL, 0, 0, true);
    send(INITIAL, 1, MS, true);
    ack(INITIAL, 101 * MS, 1, 1);
    assertThat(recovery.deadline(false)).isEqualTo(rtt.lossDelay());
    timeout.peerValidated();
    timeout.flightComplete();
    recovery.discard(INITIAL);
    assertThat(recovery.deadline(false)).isEqualTo(NEVER);
    assertThat(recovery.onTimeout(10_000 * MS)).isFalse();
    assertThat(lost).isZero();
  }

  /** RFC 9002 section 6.2.2.1: a server that may not send has nothing to be woken for. */
  @Test
  void noTimeoutAtTheAmplificationLimit() {
    timeout.peerValidated();
    send(INITIAL, 0, 0, true);
    send(HANDSHAKE, 0, 0, true);
    assertThat(recovery.deadline(true)).isEqualTo(NEVER);
    assertThat(recovery.deadline(false)).isEqualTo(rtt.pto(0));
  }

  /** RFC 9002 section 6.2.4: a packet of the space that timed out, with what is missing. */
  @Test
  void aTimeoutAsksForProbes() {
    confirmed();
    send(APP, 0, 200 * MS, true);
    recovery.onTimeout(recovery.deadline(false));
    assertThat(timeout.probes(APP)).isBetween(1, 2);
    assertThat(timeout.probes(HANDSHAKE)).isZero();
    assertThat(repeated).as("frames to send again").isPositive();
    int due = timeout.probes(APP);
    send(APP, 1, 2_000 * MS, false);
    assertThat(timeout.probes(APP)).as("only an ack-eliciting one is a probe").isEqualTo(due);
    send(APP, 2, 2_000 * MS, true);
    assertThat(timeout.probes(APP)).isEqualTo(due - 1);
  }

  /** RFC 9002 section 7.4: losses of every space count, whatever was acknowledged before them. */
  @Test
  void lossesDuringTheHandshakeCount() {
    for (int level : new int[] {INITIAL, HANDSHAKE, APP}) {
      CongestionControl window = new NewReno(MSS);
      LossRecovery r = new LossRecovery(window, new RttEstimator(), fate(), sink(), 1);
      long before = window.cwnd();
      for (int pn = 0; pn < 6; pn++) {
        r.sent(level).begin();
        r.onSent(level, pn, pn * MS, MSS, true, true);
      }
      Frame f = new Frame();
      f.type = FrameType.ACK;
      f.ackCount = 1;
      r.onAck(level, f, 0, 100 * MS);
      assertThat(window.cwnd()).isGreaterThanOrEqualTo(before);
      f.id = 5;
      f.ackHigh[0] = 5;
      f.ackLow[0] = 5;
      r.onAck(level, f, 0, 105 * MS);
      assertThat(window.cwnd()).as("level %d", level).isLessThan(before);
    }
  }

  /** RFC 9002 section 7.6.2: what nobody need acknowledge in time shows no congestion. */
  @Test
  void persistentCongestionIsBetweenElicitingPackets() {
    confirmed();
    long window = cc.cwnd();
    send(APP, 0, 200 * MS, false);
    send(APP, 1, 900 * MS, true);
    send(APP, 2, 1_000 * MS, true);
    send(APP, 3, 1_900 * MS, false);
    send(APP, 4, 2_300 * MS, true);
    send(APP, 5, 2_301 * MS, true);
    send(APP, 6, 2_302 * MS, true);
    send(APP, 7, 2_303 * MS, true);
    ack(APP, 2_400 * MS, 7, 4);
    assertThat(lost).isEqualTo(4);
    // 1.7 s between all of them, 0.1 s between those that elicit: halved, not more.
    assertThat(rtt.persistentCongestion(timeout.maxAckDelay())).isBetween(200 * MS, 1_600 * MS);
    assertThat(cc.cwnd()).isGreaterThanOrEqualTo(window / 2);
  }

  /** RFC 9000 section 9.4: packets of the old path tell nothing about the new one. */
  @Test
  void packetsOfTheOldPathCountForNothing() {
    confirmed();
    for (int pn = 0; pn < 6; pn++) {
      send(APP, pn, 200 * MS, true);
    }
    recovery.onNewPath(250 * MS);
    rtt.reset(RttEstimator.INITIAL_RTT);
    assertThat(cc.bytesInFlight()).isZero();
    long window = cc.cwnd();
    ack(APP, 300 * MS, 5, 4);
    assertThat(samples).isEqualTo(1);
    assertThat(lost).as("given up").isPositive();
    assertThat(cc.cwnd()).as("neither grown nor reduced").isEqualTo(window);
    assertThat(rtt.hasSample()).isFalse();
    send(APP, 6, 310 * MS, true);
    ack(APP, 360 * MS, 6, 6);
    assertThat(rtt.latest()).isEqualTo(50 * MS);
  }

  /** RFC 9002 section 6.2.1 gives the least: TLS is not in a hurry on a short way either. */
  @Test
  void untilTheHandshakeIsConfirmedAShortRoundTripDoesNotHurryIt() {
    send(INITIAL, 0, 0, true);
    ack(INITIAL, MS / 2, 0, 0);
    recovery.discard(INITIAL);
    assertThat(recovery.deadline(false)).as("a client's probe").isEqualTo(MS / 2 + 25 * MS);
    send(HANDSHAKE, 0, MS, true);
    assertThat(recovery.deadline(false)).isEqualTo(26 * MS);
    assertThat(recovery.onTimeout(25 * MS)).isFalse();
    assertThat(recovery.onTimeout(26 * MS)).isTrue();
    recovery.discard(HANDSHAKE);
    timeout.confirm();
    send(APP, 0, 30 * MS, true);
    assertThat(recovery.deadline(false)).isLessThan(30 * MS + 30 * MS);
  }

  /** A challenge on another path is no probe of this one, and does not put its timeout off. */
  @Test
  void whatGoesAnotherPathIsNoProbe() {
    confirmed();
    send(APP, 0, 1_000 * MS, true);
    long due = recovery.deadline(false);
    recovery.sent(APP).begin();
    recovery.onSent(APP, 1, 1_010 * MS, MSS, true, false);
    assertThat(recovery.deadline(false)).isEqualTo(due);
    assertThat(recovery.onTimeout(due)).isTrue();
    assertThat(timeout.probes(APP)).isEqualTo(2);
    recovery.sent(APP).begin();
    recovery.onSent(APP, 2, due, MSS, true, false);
    assertThat(timeout.probes(APP)).isEqualTo(2);
  }

  /** What a timeout asks for may not be sent just then: the next one is later all the same. */
  @Test
  void aTimeoutInVainIsFollowedByALaterOne() {
    confirmed();
    send(APP, 0, 1_000 * MS, true);
    long last = 1_000 * MS;
    for (int i = 0; i < 20; i++) {
      long due = recovery.deadline(false);
      assertThat(due).isGreaterThan(last);
      assertThat(recovery.onTimeout(due)).isTrue();
      last = due;
    }
  }
}
