package dev.quic.resumption;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class VerdictTest {
  @Test
  void theWorseOneStands() {
    assertThat(Verdict.OK.and(Verdict.NOT_RUN)).isEqualTo(Verdict.NOT_RUN);
    assertThat(Verdict.WARNING.and(Verdict.NOT_RUN)).isEqualTo(Verdict.WARNING);
    assertThat(Verdict.FAILED.and(Verdict.WARNING)).isEqualTo(Verdict.FAILED);
    assertThat(Verdict.NOT_RUN.and(Verdict.FAILED)).isEqualTo(Verdict.FAILED);
  }
}
