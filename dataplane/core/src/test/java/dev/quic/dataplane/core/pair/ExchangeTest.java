package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No exchange waits for a timer: each takes a few round trips, whatever limits it passes. */
class ExchangeTest {
  /** As over loopback, ns: every timer of the peer's is hundreds of round trips. */
  private static final long SHORT = 100_000;

  private static void within(double rounds, long rtt, int count, Consumer<Exchange> how) {
    Exchange e = new Exchange(rtt);
    how.accept(e);
    assertThat((double) e.run(count) / rtt).as("round trips").isLessThanOrEqualTo(rounds);
  }

  @Test
  void aRequestAndItsAnswerTakeOneRoundTrip() {
    // Three times through the first windows of stream and connection.
    within(1, SHORT, 3_100, e -> {});
    within(1, SHORT, 300, e -> e.apart = true);
    within(1, SHORT, 1_100, e -> e.streams = 5);
    within(
        1,
        SHORT,
        300,
        e -> {
          e.request = 1;
          e.answer = 1;
        });
  }

  @Test
  void aStreamForEachTakesOneRoundTrip() {
    within(1, SHORT, 1_000, e -> e.streams = 0);
  }

  @Test
  void whatIsWrittenInTwoPiecesDoesNotWaitForADelayedAcknowledgement() {
    // The second piece does not fill a packet and the first is under way. The peer, which waits for
    // both before it says anything, acknowledges one packet late.
    within(
        3,
        SHORT,
        300,
        e -> {
          e.piece = 943;
          e.apart = true;
        });
    within(
        3,
        SHORT,
        300,
        e -> {
          e.piece = 943;
          e.apart = true;
          e.echoes = true;
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {SHORT, 10_000_000, 50_000_000})
  void theEndOfALongMessageWaitsForARoundTripAtMost(long rtt) {
    for (boolean apart : new boolean[] {false, true}) {
      within(
          4,
          rtt,
          150,
          e -> {
            e.request = 20_480;
            e.apart = apart;
          });
      within(
          4,
          rtt,
          150,
          e -> {
            e.request = 20_000;
            e.answer = 1;
            e.apart = apart;
          });
      within(
          6,
          rtt,
          40,
          e -> {
            e.answer = 100_000;
            e.apart = apart;
          });
    }
  }
}
