package dev.quic.dataplane.io;

/**
 * Settings of one shard.
 *
 * @param udp which UDP implementation
 * @param index this shard, 0 to {@code count - 1}
 * @param count shards in the process, 1 to 256
 */
public record ShardConfig(UdpMode udp, int index, int count) {
  public ShardConfig {
    if (count < 1 || count > 256 || index < 0 || index >= count) {
      throw new IllegalArgumentException("shard " + index + " of " + count);
    }
  }

  /** The only shard of its process, with the best port the system has. */
  public static ShardConfig single() {
    return new ShardConfig(UdpMode.AUTO, 0, 1);
  }
}
