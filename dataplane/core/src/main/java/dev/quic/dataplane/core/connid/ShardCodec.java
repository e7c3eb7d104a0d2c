package dev.quic.dataplane.core.connid;

/**
 * The shard inside the 8-byte ids we issue: the first byte is the shard XORed with a mask folded
 * from the other seven, so it looks random, needs no key, and a BPF program can read it too.
 */
public final class ShardCodec {
  private ShardCodec() {}

  /** This coding. */
  public static final IdCodec CODEC =
      new IdCodec() {
        @Override
        public ConnId issue(long random, int shard) {
          return ShardCodec.issue(random, shard);
        }

        @Override
        public int shardOf(long key) {
          return ShardCodec.shardOf(key);
        }
      };

  /**
   * An id for a shard.
   *
   * @param random 64 random bits
   * @param shard 0 to 255
   */
  public static ConnId issue(long random, int shard) {
    long tail = random & 0x00ff_ffff_ffff_ffffL;
    return ConnId.ofKey((long) (shard ^ fold(tail)) << 56 | tail);
  }

  /** The shard coded into an id of 8 bytes; 0 to 255, any number for an id that is not ours. */
  public static int shardOf(long key) {
    return (int) (key >>> 56) ^ fold(key & 0x00ff_ffff_ffff_ffffL);
  }

  private static int fold(long tail) {
    long x = tail ^ tail >>> 32;
    x ^= x >>> 16;
    return (int) (x ^ x >>> 8) & 0xff;
  }
}
