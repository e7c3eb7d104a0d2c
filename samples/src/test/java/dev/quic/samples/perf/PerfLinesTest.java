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
    PerfMode requests = PerfMode.requests(1024, 4096);
    assertThat(PerfMode.parse(requests.line())).isEqualTo(requests);
    assertThat(PerfMode.parse(PerfMode.bulk(1).line()).bulk()).isTrue();
    assertThat(PerfMode.parse(PerfMode.bulk(100).line()).streams()).isEqualTo(100);
    assertThat(PerfMode.requests(1 << 20, 1 << 20).line().length()).isLessThan(PerfMode.MAX_LINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "perf",
        "perf 1",
        "perf 0 0",
        "perf 0 1 1",
        "perf -1 -1 1",
        "perf 1048577 1 1",
        "perf 1 1 2",
        "perf 0 0 101",
        "perf 0 0 0",
        "perf a b c"
      })
  void otherModesAreRefused(String line) {
    assertThatThrownBy(() -> PerfMode.parse(line)).isInstanceOf(IOException.class);
  }

  @Test
  void reportsSurviveTheLine() throws IOException {
    PerfReport report =
        new PerfReport(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    assertThat(PerfReport.parse(report.line().strip())).isEqualTo(report);
    assertThat(report.line().length()).isLessThan(PerfReport.MAX_LINE);
    assertThatThrownBy(() -> PerfReport.parse("report 1 2")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PerfReport.parse("report 1 2 3 x")).isInstanceOf(IOException.class);
  }

  @Test
  void uploadsAtTheSameTimeShareAProcess() {
    PerfReport both = new PerfReport(10, 7, 100, 8).beside(new PerfReport(20, 5, 300, 9));
    assertThat(both).isEqualTo(new PerfReport(30, 7, 300, 9));
  }
}
