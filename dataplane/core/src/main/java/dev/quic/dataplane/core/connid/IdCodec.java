package dev.quic.dataplane.core.connid;

/** How the shard, and perhaps more, is coded into the 8-byte ids we issue. One thread. */
public interface IdCodec {
  /**
   * An id for a shard.
   *
   * @param random 64 random bits
   * @param shard 0 to 255
   */
  ConnId issue(long random, int shard);

  /** The shard coded into an id of 8 bytes; any number, or -1, for an id that is not ours. */
  int shardOf(long key);
}
