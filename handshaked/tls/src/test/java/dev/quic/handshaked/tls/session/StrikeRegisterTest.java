package dev.quic.handshaked.tls.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Every flight once, and none when that cannot be told (RFC 8446 section 8.2). */
class StrikeRegisterTest {
  private static final long WINDOW = 10_000;

  private static StrikeRegister register(int entries) {
    return new StrikeRegister(Duration.ofMillis(WINDOW), entries);
  }

  private static byte[] flight(int number) {
    return ByteBuffer.allocate(32).putInt(number).array();
  }

  /** A flight is fresh from one window before its time to one after: two windows of memory. */
  @Test
  void copyIsRefusedAsLongAsItIsFresh() {
    for (long start = 0; start < 5 * WINDOW; start += WINDOW / 4) {
      for (long later = 0; later <= 2 * WINDOW; later += WINDOW / 8) {
        StrikeRegister register = register(100);
        assertThat(register.firstSeen(flight(0), 1)).isTrue();
        assertThat(register.firstSeen(flight(1), 1 + start)).isTrue();
        assertThat(register.firstSeen(flight(1), 1 + start + later))
            .as("first at %d, again %d ms later", start, later)
            .isFalse();
      }
    }
  }

  @Test
  void fullRegisterSaysNoUntilEntriesAreStale() {
    StrikeRegister register = register(8);
    int taken = 0;
    for (int i = 0; i < 100; i++) {
      taken += register.firstSeen(flight(i), 0) ? 1 : 0;
    }
    assertThat(taken).isBetween(1, 8);
    assertThat(register.refused()).isEqualTo(100 - taken);
    assertThat(register.firstSeen(flight(1000), WINDOW)).isFalse();
    assertThat(register.firstSeen(flight(1001), 4 * WINDOW)).isTrue();
  }

  @Test
  void clockThatStepsBackForgetsNothing() {
    StrikeRegister register = register(100);
    assertThat(register.firstSeen(flight(1), 10 * WINDOW)).isTrue();
    assertThat(register.firstSeen(flight(2), 0)).isTrue();
    assertThat(register.firstSeen(flight(1), 0)).isFalse();
    assertThat(register.firstSeen(flight(1), 10 * WINDOW)).isFalse();
  }

  /** RFC 8446 section 8.2: what was forgotten must not be taken for new. */
  @Test
  void clockThatStepsBackToWhatWasForgotten() {
    for (long away : new long[] {2 * WINDOW, 5 * WINDOW, 100 * WINDOW}) {
      StrikeRegister register = register(100);
      long moved = WINDOW + away;
      assertThat(register.firstSeen(flight(1), WINDOW)).isTrue();
      assertThat(register.firstSeen(flight(2), moved)).isTrue();
      assertThat(register.firstSeen(flight(3), moved + 4 * WINDOW)).isTrue();
      assertThat(register.firstSeen(flight(1), WINDOW)).as("%d ms back", away).isFalse();
      assertThat(register.firstSeen(flight(4), WINDOW)).isFalse();
      assertThat(register.firstSeen(flight(5), moved + 4 * WINDOW)).isTrue();
    }
  }

  @Test
  void everyRegisterHasItsOwnName() {
    assertThat(register(2).id()).isNotEqualTo(register(2).id());
    assertThat(register(2).windowMillis()).isEqualTo(WINDOW);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> register(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new StrikeRegister(Duration.ZERO, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void workersShareIt() throws Exception {
    StrikeRegister register = register(10_000);
    int flights = 1000;
    int workers = 4;
    List<Future<Integer>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(workers)) {
      for (int worker = 0; worker < workers; worker++) {
        all.add(
            threads.submit(() -> {
              int taken = 0;
              for (int i = 0; i < flights; i++) {
                taken += register.firstSeen(flight(i), 5) ? 1 : 0;
              }
              return taken;
            }));
      }
    }
    int taken = 0;
    for (Future<Integer> one : all) {
      taken += one.get();
    }
    assertThat(taken).isEqualTo(flights);
    assertThat(register.refused()).isEqualTo((workers - 1) * flights);
  }
}
