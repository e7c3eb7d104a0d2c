package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.EventLog;
import dev.quic.simnet.Sim;
import dev.quic.simnet.TransferRun;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same seed gives the same events, byte for byte; another seed gives others. */
class DeterminismTest {
  private static final long BYTES = 200_000;

  private static String log(long seed) {
    EventLog log = new EventLog();
    TransferRun run = new TransferRun(seed, BYTES, Sim.MINUTES, log);
    log.note(run.pair().sim().now(), run.run());
    log.note(run.pair().sim().now(), run.toString());
    return log.text();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void sameSeedSameLog(long seed) {
    String first = log(seed);
    assertThat(first).contains("packet_sent", "secret_installed", "recovery", "stream_opened");
    assertThat(log(seed)).isEqualTo(first);
    assertThat(log(seed + 1000)).isNotEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(longs = {11})
  void theLogDoesNotDependOnWhatRanBefore(long seed) {
    String first = log(seed);
    for (int other = 100; other < 105; other++) {
      log(other);
    }
    assertThat(log(seed)).isEqualTo(first);
  }
}
