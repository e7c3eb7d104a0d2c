package dev.quic.dataplane.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Key, nonce, associated data and plaintext of NIST SP 800-38C example 3 (whose ciphertext shows in
 * the first row), with a tag of 16 bytes as computed by two independent implementations.
 */
class CcmAeadTest {
  private static final HexFormat HEX = HexFormat.of();

  @ParameterizedTest
  @CsvSource({
    "20, 24, e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5c87ae488918de93f17dd3e4934347f44",
    "9, 0, af350391ef7111a496e666e3a7d6b948",
    "13, 1, e351f4ce5ae48c8e99bc88a8d30d9a5ed2",
    "14, 16, e3b201a9f5b71a7a9b1ceaeccd97e70b05a21d25731b9d38f14025761d91af6e",
    "30, 1200, d9a040e4b4c9b26ffa1747019b07fca160253e6ed0d3d1cd6021688b28b0a25b"
  })
  void vectors(int aad, int length, String tail) {
    CcmAead ccm =
        new CcmAead(
            HEX.parseHex("404142434445464748494a4b4c4d4e4f"),
            HEX.parseHex("101112131415161718191a1b"));
    byte[] buf = new byte[aad + length + 16];
    for (int i = 0; i < aad; i++) {
      buf[i] = (byte) i;
    }
    for (int i = 0; i < length; i++) {
      buf[aad + i] = (byte) (0x20 + i);
    }
    byte[] plain = buf.clone();
    int[] end = {aad + length};
    ccm.sealRun(buf, new int[] {0}, new int[] {aad}, end, 0, 1, 0);
    assertThat(HEX.formatHex(buf)).endsWith(tail);

    byte[] forged = buf.clone();
    forged[aad + length + 3] ^= 1;
    assertThat(ccm.open(forged, 0, aad, forged.length, 0)).isEqualTo(-1);
    assertThat(ccm.open(buf.clone(), 0, aad, buf.length, 1)).isEqualTo(-1);
    assertThat(ccm.open(buf, 0, aad, buf.length, 0)).isEqualTo(length);
    assertThat(Arrays.copyOf(buf, aad + length)).isEqualTo(Arrays.copyOf(plain, aad + length));
  }
}
