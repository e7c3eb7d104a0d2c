package dev.quic.dataplane.io.aead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CpuFlagsTest {
  @ParameterizedTest
  @CsvSource({
    "fpu aes pclmulqdq sse4_2, sse",
    "aes pclmulqdq sse4_2 avx, avx_gen2",
    "aes pclmulqdq sse4_2 avx avx2 bmi2, avx_gen4",
    "aes pclmulqdq sse4_2 avx avx2 bmi2 avx512f avx512vl avx512bw avx512dq, avx512",
    "aes pclmulqdq sse4_2 avx avx2 bmi2 vaes vpclmulqdq avx512f, avx_gen4",
    "vaes vpclmulqdq aes pclmulqdq sse4_2 avx avx2 bmi2 avx512f avx512vl avx512bw avx512dq,"
        + " vaes_avx512"
  })
  void aProcessorGetsWhatItCan(String flags, String variant) {
    assertThat(CpuFlags.parse("flags\t\t: " + flags).gcmVariant()).isEqualTo(variant);
  }

  @Test
  void withoutAesThereIsNothing() {
    assertThatThrownBy(() -> CpuFlags.parse("flags\t: fpu sse sse2 avx").gcmVariant())
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("no AES");
  }
}
