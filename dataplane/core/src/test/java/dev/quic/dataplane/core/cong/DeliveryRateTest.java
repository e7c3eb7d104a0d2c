package dev.quic.dataplane.core.cong;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** draft-cheng-iccrg-delivery-rate-estimation-02. */
class DeliveryRateTest {
  private static final long MS = 1_000_000;
  private static final int SIZE = 1_000;

  private final DeliveryRate rate = new DeliveryRate();
  private final PacketRates packets = new PacketRates(64);
  private final long[] sent = new long[64];
  private long inFlight;

  private void send(int packet, long now) {
    rate.onSend(now, inFlight, SIZE);
    packets.note(packet, rate);
    sent[packet] = now;
    inFlight += SIZE;
  }

  private void ack(long now, int from, int to) {
    rate.begin();
    for (int i = from; i <= to; i++) {
      rate.onAcked(now, packets, i, sent[i], SIZE);
      inFlight -= SIZE;
    }
    rate.end(10 * MS);
  }

  @Test
  void rateIsWhatThePathDelivers() {
    // Sent in a burst, delivered one a millisecond after a round trip of 10 ms.
    for (int i = 0; i < 20; i++) {
      send(i, 0);
    }
    for (int i = 0; i < 20; i++) {
      ack((10 + i) * MS, i, i);
    }
    // All were sent before anything came back: 20 packets in 29 ms.
    assertThat(rate.rate()).isEqualTo(20L * SIZE * 1_000 / 29);
    for (int t = 30; t < 60; t++) {
      if (t >= 40) {
        ack(t * MS, t - 20, t - 20);
      }
      if (t < 50) {
        send(t - 10, t * MS);
      }
    }
    assertThat(rate.rate()).isBetween(950_000L, 1_050_000L);
    assertThat(rate.rtt()).isEqualTo(10 * MS);
  }

  /** Acknowledgements in a lump must not look faster than the packets were sent. */
  @Test
  void sendingRateBoundsTheSample() {
    for (int i = 0; i < 20; i++) {
      send(i, i * MS);
    }
    ack(40 * MS, 0, 0);
    for (int i = 20; i < 60; i++) {
      send(i, (20 + i) * MS);
    }
    ack(90 * MS, 1, 59);
    assertThat(rate.rate()).isLessThanOrEqualTo(1_000_000);
  }

  @Test
  void programsPauseIsToldFromThePathsRate() {
    send(0, 0);
    send(1, 0);
    rate.onAppLimited(inFlight);
    send(2, MS);
    ack(10 * MS, 0, 0);
    assertThat(rate.sampleAppLimited()).isFalse();
    ack(11 * MS, 2, 2);
    assertThat(rate.sampleAppLimited()).isTrue();
    assertThat(rate.isAppLimited()).isTrue();
    ack(12 * MS, 1, 1);
    assertThat(rate.isAppLimited()).isFalse();
  }

  @Test
  void shorterThanTheRoundTripTellsNothing() {
    send(0, 0);
    ack(5 * MS, 0, 0);
    assertThat(rate.hasSample()).isTrue();
    assertThat(rate.rate()).isEqualTo(-1);
  }

  @Test
  void lossesCountSinceThePacketWasSent() {
    send(0, 0);
    send(1, 0);
    rate.onLost(SIZE);
    send(2, MS);
    rate.onLost(SIZE);
    ack(20 * MS, 2, 2);
    assertThat(rate.sampleLost()).isEqualTo(SIZE);
    assertThat(rate.newlyLost()).isEqualTo(2 * SIZE);
    rate.consumed();
    assertThat(rate.newlyLost()).isZero();
  }

  @Test
  void ringGrowsWithWhatItHolds() {
    PacketRates ring = new PacketRates(4);
    for (int pn = 5; pn < 9; pn++) {
      rate.onSend(pn, 100L * pn, SIZE);
      ring.note(pn & 3, rate);
    }
    ring = ring.grown(8, 5, 9);
    for (int pn = 5; pn < 9; pn++) {
      assertThat(ring.inFlight(pn & 7)).isEqualTo(100L * pn + SIZE);
    }
  }
}
