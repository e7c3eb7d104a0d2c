package dev.quic.dataplane.core.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.QuicUapi;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SockAddrCodecTest {
  @Test
  void layoutIsTheKernels() {
    SockAddr a = SockAddr.v4(0x7f000001, 1234);
    assertThat(HexFormat.of().formatHex(SockAddrCodec.encode(a)))
        .isEqualTo("020004d27f0000010000000000000000");
    assertThat(SockAddrCodec.decode(SockAddrCodec.encode(a))).isEqualTo(a);
    SockAddr b = SockAddr.v6(0x20010db800010000L, 2, 443, 3);
    assertThat(HexFormat.of().formatHex(SockAddrCodec.encode(b)))
        .isEqualTo("0a0001bb0000000020010db800010000000000000000000203000000");
    assertThat(SockAddrCodec.decode(SockAddrCodec.encode(b))).isEqualTo(b);
  }

  @Test
  void shortOrForeignIsRefused() {
    byte[] b = SockAddrCodec.encode(SockAddr.v6(1, 2, 3, 4));
    for (int n = 0; n < 24; n++) {
      assertThat(SockAddrCodec.decode(b, 0, n)).isNull();
    }
    assertThat(SockAddrCodec.decode(b, 0, 24)).isEqualTo(SockAddr.v6(1, 2, 3, 0));
    assertThat(SockAddrCodec.decode(b, 20, 28)).isNull();
    b[0] = 1;
    assertThat(SockAddrCodec.decode(b)).isNull();
  }

  @Test
  void comparisonsIgnoreHowV4IsWritten() {
    SockAddr plain = SockAddr.v4(0xc0000201, 443);
    SockAddr mapped = SockAddr.v6(0, plain.lo(), 443, 0);
    assertThat(plain.sameEndpoint(mapped)).isTrue();
    assertThat(plain.endpointHash()).isEqualTo(mapped.endpointHash());
    assertThat(plain.endpointHash()).isNotEqualTo(plain.withPort(444).endpointHash());
    assertThat(SockAddr.any(QuicUapi.AF_INET6, 443).accepts(plain)).isTrue();
    assertThat(SockAddr.any(QuicUapi.AF_INET, 443).accepts(mapped)).isTrue();
    assertThat(SockAddr.any(QuicUapi.AF_INET, 443).accepts(SockAddr.v6(1, 2, 443, 0))).isFalse();
    assertThat(plain.accepts(mapped)).isTrue();
    assertThat(plain.accepts(mapped.withPort(1))).isFalse();
    assertThat(plain).hasToString("192.0.2.1:443");
    assertThat(SockAddr.v6(0x20010db8_00000000L, 1, 443, 0))
        .hasToString("[2001:db8:0:0:0:0:0:1]:443");
  }
}
