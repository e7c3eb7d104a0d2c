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
    assertThat(PerfMode.parse(PerfMode.bulk(1, 1).line()).bulk()).isTrue();
    PerfMode bulk = PerfMode.bulk(100, Long.MAX_VALUE);
    assertThat(PerfMode.parse(bulk.line())).isEqualTo(bulk);
    assertThat(bulk.line().length()).isLessThan(PerfMode.MAX_LINE);
    assertThat(PerfMode.requests(1 << 20, 1 << 20).line().length()).isLessThan(PerfMode.MAX_LINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "perf",
        "perf 1",
        "perf 0 0",
        "perf 0 0 1",
        "perf 0 1 1 0",
        "perf -1 -1 1 0",
        "perf 1048577 1 1 0",
        "perf 1 1 2 0",
        "perf 1 1 1 1",
        "perf 0 0 101 1",
        "perf 0 0 0 1",
        "perf 0 0 1 0",
        "perf a b c d"
      })
  void otherModesAreRefused(String line) {
    assertThatThrownBy(() -> PerfMode.parse(line)).isInstanceOf(IOException.class);
  }

  @Test
  void reportsSurviveTheLine() throws IOException {
    long most = Long.MAX_VALUE;
    PerfReport report = new PerfReport(most, most, most, most, most);
    assertThat(PerfReport.parse(report.line().strip())).isEqualTo(report);
    assertThat(report.line().length()).isLessThan(PerfReport.MAX_LINE);
    assertThatThrownBy(() -> PerfReport.parse("report 1 2")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PerfReport.parse("report 1 2 3 4 x")).isInstanceOf(IOException.class);
  }

  @Test
  void uploadsAtTheSameTimeShareAProcess() {
    PerfReport both = new PerfReport(10, 7, 100, 8, 3).beside(new PerfReport(20, 5, 300, 9, 2));
    assertThat(both).isEqualTo(new PerfReport(30, 7, 300, 9, 3));
  }
}
