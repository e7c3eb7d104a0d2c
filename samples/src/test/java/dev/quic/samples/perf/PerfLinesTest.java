package dev.quic.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PerfLinesTest {
  @Test
  void modesSurviveTheLine() throws IOException {
    PerfMode requests = new PerfMode(1024, 4096);
    assertThat(PerfMode.parse(requests.line())).isEqualTo(requests);
    assertThat(PerfMode.parse(PerfMode.BULK.line()).bulk()).isTrue();
    assertThat(new PerfMode(1 << 20, 1 << 20).line().length()).isLessThan(PerfMode.MAX_LINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "perf", "perf 1", "perf 0 1", "perf -1 -1", "perf 1048577 1", "perf a b"})
  void otherModesAreRefused(String line) {
    assertThatThrownBy(() -> PerfMode.parse(line)).isInstanceOf(IOException.class);
  }

  @Test
  void reportsSurviveTheLine() throws IOException {
    PerfReport report = new PerfReport(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    assertThat(PerfReport.parse(report.line().strip())).isEqualTo(report);
    assertThat(report.line().length()).isLessThan(PerfReport.MAX_LINE);
    assertThatThrownBy(() -> PerfReport.parse("report 1 2")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PerfReport.parse("report 1 2 x")).isInstanceOf(IOException.class);
  }
}
