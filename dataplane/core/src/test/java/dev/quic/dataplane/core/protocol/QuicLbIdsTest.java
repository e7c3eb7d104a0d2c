package dev.quic.dataplane.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quic.dataplane.core.connid.ConnId;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuicLbIdsTest {
  @Test
  void carriesTheShardPlainAndEncrypted() {
    Random r = new Random(1);
    for (byte[] key : new byte[][] {null, new byte[16]}) {
      for (int n = 1; n <= 2; n++) {
        QuicLbIds ids = new QuicLbIds(2, new byte[] {(byte) 0xc3, 7}, key);
        QuicLbIds other = new QuicLbIds(2, new byte[] {(byte) 0xc4, 7}, key);
        Set<ConnId> seen = new HashSet<>();
        for (int shard = 0; shard < 256; shard++) {
          ConnId id = ids.issue(r.nextLong(), shard);
          assertThat(id.length()).isEqualTo(8);
          assertThat(id.at(0)).isEqualTo((byte) (2 << 5 | 7));
          assertThat(ids.shardOf(id.key())).isEqualTo(shard);
          assertThat(other.shardOf(id.key())).isEqualTo(-1);
          assertThat(seen.add(id)).isTrue();
        }
      }
    }
  }

  @Test
  void serverIdsAreOneOrTwoBytes() {
    assertThatIllegalArgumentException().isThrownBy(() -> new QuicLbIds(0, new byte[0], null));
    assertThatIllegalArgumentException().isThrownBy(() -> new QuicLbIds(0, new byte[3], null));
  }
}
