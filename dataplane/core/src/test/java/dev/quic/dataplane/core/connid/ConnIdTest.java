package dev.quic.dataplane.core.connid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.dataplane.core.protocol.QuicNet;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConnIdTest {
  @Test
  void isItsBytes() {
    Random random = new Random(1);
    for (int n = 0; n <= 20; n++) {
      byte[] b = new byte[n];
      random.nextBytes(b);
      ConnId id = ConnId.of(b);
      assertThat(id.toBytes()).isEqualTo(b);
      assertThat(id).hasToString(HexFormat.of().formatHex(b)).isEqualTo(ConnId.of(b.clone()));
      assertThat(id.hashCode()).isEqualTo(ConnId.of(b).hashCode());
      assertThat(id.matches(b, 0, n)).isTrue();
      for (int i = 0; i < n; i++) {
        byte[] other = b.clone();
        other[i] ^= 1;
        assertThat(ConnId.of(other)).isNotEqualTo(id);
        assertThat(id.matches(other, 0, n)).isFalse();
        assertThat(Integer.signum(id.compareTo(ConnId.of(other))))
            .isEqualTo(Integer.signum(Arrays.compareUnsigned(b, other)));
      }
      if (n < 20) {
        // A longer id of the same start is another one, even if the rest is zeros.
        assertThat(ConnId.of(Arrays.copyOf(b, n + 1))).isNotEqualTo(id);
      }
    }
    assertThatThrownBy(() -> ConnId.of(new byte[21])).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keyOfEightBytes() {
    ConnId id = ConnId.ofKey(0x0102030405060708L);
    assertThat(id.toBytes()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(ConnId.key(id.toBytes(), 0)).isEqualTo(id.key());
  }

  @Test
  void shardStaysReadable() {
    Random random = new Random(2);
    int[] firstBytes = new int[256];
    for (int i = 0; i < 10_000; i++) {
      int shard = i & 0xff;
      ConnId id = ShardCodec.issue(random.nextLong(), shard);
      assertThat(id.length()).isEqualTo(8);
      assertThat(ShardCodec.shardOf(id.key())).isEqualTo(shard);
      byte[] datagram = new byte[9];
      id.write(datagram, 1);
      assertThat(QuicNet.shardOf(ShardCodec.CODEC, datagram, 0, 9)).isEqualTo(shard);
      assertThat(QuicNet.shardOf(ShardCodec.CODEC, datagram, 0, 8)).isEqualTo(-1);
      firstBytes[id.at(0) & 0xff]++;
    }
    assertThat(Arrays.stream(firstBytes).max().orElse(0)).isLessThan(100);
  }

  /** RFC 9000 section 5.1: two ids of one shard have no more in common than two of any. */
  @Test
  void idsOfOneShardHaveNothingInCommon() {
    Random random = new Random(3);
    int[] ones = new int[64];
    int[] same = new int[64];
    long previous = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      long key = ShardCodec.issue(random.nextLong(), 7).key();
      for (int bit = 0; bit < 64; bit++) {
        ones[bit] += (int) (key >>> bit & 1);
        same[bit] += (int) (~(key ^ previous) >>> bit & 1);
      }
      previous = key;
    }
    for (int bit = 0; bit < 64; bit++) {
      assertThat((double) ones[bit] / n).isBetween(0.48, 0.52);
      assertThat((double) same[bit] / n).isBetween(0.48, 0.52);
    }
  }
}
