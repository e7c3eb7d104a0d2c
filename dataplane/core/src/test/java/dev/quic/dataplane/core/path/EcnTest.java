package dev.quic.dataplane.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checks of RFC 9000 section 13.4.2.1, one by one. */
class EcnTest {
  private static final int APP = 0;

  private final Ecn path = new Ecn();
  private final EcnCounts counts = new EcnCounts();

  private void send(int from, int to) {
    for (int pn = from; pn < to; pn++) {
      byte mark = path.mark();
      path.onSent(APP, pn, mark);
      if (mark != 0) {
        counts.onSent(APP);
      }
    }
  }

  private void ack(int from, int to) {
    for (int pn = from; pn < to; pn++) {
      counts.onAcked(APP, pn, true, path);
    }
  }

  private boolean frame(long ect0, long ect1, long ce) {
    return counts.onAckFrame(APP, true, new long[] {ect0, ect1, ce}, path);
  }

  @Test
  void aTestOfTenPacketsIsAnswered() {
    send(0, 20);
    assertThat(path.state()).isEqualTo(Ecn.UNKNOWN);
    assertThat(path.mark()).isEqualTo(Ecn.NOT_ECT);
    ack(0, 10);
    assertThat(frame(10, 0, 0)).isFalse();
    assertThat(path.state()).isEqualTo(Ecn.CAPABLE);
    assertThat(path.mark()).isEqualTo(Ecn.ECT0);
  }

  @ParameterizedTest
  @CsvSource({
    // ECT(0), ECT(1), CE reported for five of ten packets; whether that is right.
    "5, 0, 0, true",
    "3, 0, 2, true",
    "0, 0, 5, true",
    "7, 0, 0, true",
    "4, 0, 0, false", // fewer than acknowledged
    "0, 0, 0, false",
    "5, 1, 0, false", // a mark never sent
    "11, 0, 0, false", // more than were sent
    "10, 0, 1, false",
    "4611686018427387903, 0, 4611686018427387903, false"
  })
  void countsAreHeldAgainstWhatWasSent(long ect0, long ect1, long ce, boolean right) {
    send(0, 10);
    ack(0, 5);
    assertThat(frame(ect0, ect1, ce)).isEqualTo(right && ce > 0);
    assertThat(path.state()).isEqualTo(right ? Ecn.CAPABLE : Ecn.FAILED);
  }

  @Test
  void anAckWithoutCountsFailsAndWithFallingOnesToo() {
    send(0, 10);
    ack(0, 5);
    assertThat(counts.onAckFrame(APP, true, null, path)).isFalse();
    assertThat(path.state()).isEqualTo(Ecn.FAILED);

    path.reset();
    send(10, 20);
    ack(10, 15);
    frame(5, 0, 1);
    assertThat(path.state()).isEqualTo(Ecn.CAPABLE);
    frame(6, 0, 0);
    assertThat(path.state()).isEqualTo(Ecn.FAILED);
  }

  @Test
  void anOlderAckIsNotHeldAgainstThePath() {
    send(0, 10);
    ack(0, 5);
    assertThat(counts.onAckFrame(APP, false, null, path)).isFalse();
    assertThat(path.state()).isEqualTo(Ecn.UNKNOWN);
  }

  @Test
  void aNewPathIsNotJudgedByPacketsOfTheOld() {
    send(0, 10);
    Ecn next = new Ecn();
    next.onSent(APP, 10, Ecn.ECT0);
    counts.onSent(APP);
    counts.onAcked(APP, 9, true, next);
    counts.onAckFrame(APP, true, null, next);
    assertThat(next.state()).isEqualTo(Ecn.TESTING);
    counts.onAcked(APP, 10, true, next);
    counts.onAckFrame(APP, true, new long[] {1, 0, 0}, next);
    assertThat(next.state()).isEqualTo(Ecn.CAPABLE);
  }

  @Test
  void aTestThatIsLostFails() {
    send(0, 10);
    for (int i = 0; i < 9; i++) {
      path.onLost();
    }
    assertThat(path.state()).isEqualTo(Ecn.UNKNOWN);
    path.onLost();
    assertThat(path.state()).isEqualTo(Ecn.FAILED);
  }

  @Test
  void silenceStopsMarksAndTheyAreTriedAgainAFewTimes() {
    send(0, 10);
    ack(0, 10);
    frame(10, 0, 0);
    for (int i = 0; i < Limits.ECN_RETESTS; i++) {
      path.onProbeTimeout(Limits.ECN_SILENT_TIMEOUTS);
      assertThat(path.mark()).isEqualTo(Ecn.NOT_ECT);
      path.onAckedUnmarked(1);
      assertThat(path.state()).isEqualTo(Ecn.TESTING);
      path.onValidated(true);
    }
    path.onProbeTimeout(Limits.ECN_SILENT_TIMEOUTS);
    assertThat(path.state()).isEqualTo(Ecn.FAILED);
  }
}
