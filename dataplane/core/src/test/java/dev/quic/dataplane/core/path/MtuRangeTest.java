package dev.quic.dataplane.core.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.dataplane.core.connid.ShardCodec;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.protocol.NetConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MtuRangeTest {
  private static final long ANY_PEER = 65_527;

  @ParameterizedTest(name = "{0}: setting {1}, route {2}: {3} to {4}")
  @CsvSource({
    "ethernet,          0,     1500,  1472, 1472, 1452, 1452",
    "unknown,           0,     0,     1472, 1472, 1452, 1452",
    "jumbo,             0,     9000,  1472, 8972, 1452, 8952",
    "a little more,     0,     1504,  1472, 1476, 1452, 1456",
    "tunnel,            0,     1420,  1392, 1472, 1372, 1452",
    "forged,            0,     576,   1200, 1472, 1200, 1452",
    "largest link,      0,     16384, 1472, 16356, 1452, 16336",
    "loopback,          0,     65536, 1472, 1472, 1452, 1452",
    "loopback and more, 8952,  65536, 1472, 8952, 1452, 8952",
    "all of loopback,   16383, 65536, 1472, 16383, 1452, 16383",
    "more than it has,  8952,  1500,  1472, 1472, 1452, 1452",
    "less than it has,  1300,  9000,  1300, 1300, 1300, 1300",
    "asked of unknown,  8952,  0,     1472, 8952, 1452, 8952",
    "asked of forged,   8952,  576,   1200, 1472, 1200, 1452",
  })
  void whatIsTried(String name, int setting, int route, int f4, int l4, int f6, int l6) {
    assertThat(MtuRange.of(setting, route, true, ANY_PEER)).isEqualTo(new MtuRange(f4, l4));
    assertThat(MtuRange.of(setting, route, false, ANY_PEER)).isEqualTo(new MtuRange(f6, l6));
  }

  @Test
  void noMoreThanThePeerTakes() {
    assertThat(MtuRange.of(MtuRange.AUTO, 9_000, true, 4_000))
        .isEqualTo(new MtuRange(1_472, 4_000));
    assertThat(MtuRange.of(MtuRange.AUTO, 9_000, true, 1_300))
        .isEqualTo(new MtuRange(1_300, 1_300));
    assertThat(MtuRange.of(8_952, 9_000, true, 1_200)).isEqualTo(new MtuRange(1_200, 1_200));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1, 1_199, 16_384, 65_536})
  void settingsHaveBounds(int setting) {
    assertThatThrownBy(() -> new NetConfig(0, 1, setting, ShardCodec.CODEC, AeadProvider.JDK))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
