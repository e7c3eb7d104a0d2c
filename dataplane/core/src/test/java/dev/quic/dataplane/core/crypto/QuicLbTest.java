package dev.quic.dataplane.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vectors of draft-ietf-quic-load-balancers, appendix "Load Balancer Test Vectors". */
class QuicLbTest {
  private static final HexFormat HEX = HexFormat.of();

  private static void check(
      int config, String serverId, String nonce, String cid, byte @Nullable [] key) {
    QuicLb lb = new QuicLb(config, serverId.length() / 2, nonce.length() / 2, key);
    byte[] id = HEX.parseHex("00" + serverId + nonce);
    lb.encode(id);
    assertThat(HEX.formatHex(id)).isEqualTo(cid);
    assertThat(lb.decode(id)).isTrue();
    assertThat(HEX.formatHex(id, 1, id.length)).isEqualTo(serverId + nonce);
    assertThat(lb.decode(new byte[id.length - 1])).isFalse();
    id[0] ^= 0x20;
    assertThat(lb.decode(id)).isFalse();
    lb.destroy();
    assertThat(lb.isDestroyed()).isEqualTo(key != null);
  }

  @Test
  void plain() {
    // The draft's other plain vector has an odd number of digits.
    check(0, "c4605e", "4504cc4f", "07c4605e4504cc4f", null);
  }

  @Test
  void exampleOfTheText() {
    byte[] key = HEX.parseHex("fdf726a9893ec05c0632d3956680baf0");
    check(0, "31441a", "9c69c275", "0767947d29be054a", key);
  }

  @ParameterizedTest
  @CsvSource({
    "0, ed793a, ee080dbf, 0720b1d07b359d3c",
    "1, ed793a51d49b8f5fab65, ee080dbf48, 2fcc381bc74cb4fbad2823a3d1f8fed2",
    "2, ed793a51d49b8f5f, ee080dbf48c0d1e5, 504dd2d05a7b0de9b2b9907afb5ecf8cc3",
    "3, ed793a51d49b8f5fab, ee080dbf48c0d1e55d, 725779c9cc86beb3a3a4a3ca96fce4bfe0cdbc"
  })
  void encrypted(int config, String serverId, String nonce, String cid) {
    check(config, serverId, nonce, cid, HEX.parseHex("8f95f09245765f80256934e50c66207f"));
  }

  @Test
  void numbersOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> new QuicLb(7, 3, 4, null));
    assertThatIllegalArgumentException().isThrownBy(() -> new QuicLb(0, 0, 4, null));
    assertThatIllegalArgumentException().isThrownBy(() -> new QuicLb(0, 3, 3, null));
    assertThatIllegalArgumentException().isThrownBy(() -> new QuicLb(0, 15, 5, null));
    assertThatIllegalArgumentException().isThrownBy(() -> new QuicLb(0, 3, 4, new byte[15]));
  }
}
