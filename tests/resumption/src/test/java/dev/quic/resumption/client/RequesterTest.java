package dev.quic.resumption.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class RequesterTest {
  /** RFC 9204 sections 4.5.1, 4.5.2 and 4.5.4, appendix A. */
  @Test
  void aRequestOfHttp3() {
    assertThat(Requester.h3Frame("host", "/x"))
        .isEqualTo(
            HexFormat.of().parseHex("01400e" + "0000" + "d1d7" + "5004686f7374" + "51022f78"));
  }

  /** A length that fills its prefix goes on in a byte of its own (RFC 7541 section 5.1). */
  @Test
  void aLongPath() {
    String path = "/" + "p".repeat(199);
    assertThat(Requester.h3Frame("host", path))
        .hasSize(3 + 2 + 2 + 6 + 3 + path.length())
        .startsWith(
            HexFormat.of().parseHex("0140d5" + "0000" + "d1d7" + "5004686f7374" + "517f49"));
    assertThatThrownBy(() -> Requester.h3Frame("host", path + path))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
