package dev.quic.bench.requests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.io.UdpMode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class RequestsBenchTest {
  @ParameterizedTest
  @CsvSource({"AUTO, 0", "AUTO, 1000", "NIO, 0", "NIO, 1000"})
  void bareUdpAnswersEachRequest(UdpMode mode, long pause) throws Exception {
    AtomicInteger told = new AtomicInteger();
    try (BareUdp bare = new BareUdp(mode)) {
      bare.requests(1_024, 20, pause, nanos -> told.incrementAndGet());
    }
    assertThat(told).hasValue(20);
  }

  @Test
  void percentilesAndRatio() {
    Latencies ours = new Latencies("ours");
    Latencies bare = new Latencies("bare");
    for (int i = 1; i <= 1_000; i++) {
      ours.add(i * 3_000L);
      bare.add(i * 2_000L);
    }
    assertThat(ours.ratio(bare)).isBetween(1.49, 1.51);
    assertThat(ours.micros(99)).isBetween(2_960.0, 2_980.0);
    assertThat(ours.markdown(bare)).startsWith("| ours | 1000 | ").endsWith(" | 1.50 |\n");
    assertThat(ours.json(bare)).contains("\"row\":\"ours\"").contains("\"ratio\":1.50");
  }

  @Test
  void wrongUsageIs2() {
    for (String[] wrong :
        new String[][] {
          {"--count", "1"}, {"--rounds", "0"}, {"--size", "1201"}, {"--pause", "1"}, {"--udp", "x"}
        }) {
      assertThat(new CommandLine(new RequestsBench()).execute(wrong)).isEqualTo(2);
    }
  }
}
