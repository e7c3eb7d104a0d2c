package dev.quic.dataplane.core.protocol;

/**
 * Settings of one {@link QuicNet}.
 *
 * @param shard this net's index, coded into the connection ids it issues; 0 to 255
 * @param shards how many nets share the process; 1 to 256
 */
public record NetConfig(int shard, int shards) {
  public static NetConfig single() {
    return new NetConfig(0, 1);
  }
}
