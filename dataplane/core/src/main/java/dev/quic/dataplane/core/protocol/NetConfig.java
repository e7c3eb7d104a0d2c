package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.connid.IdCodec;
import dev.quic.dataplane.core.connid.ShardCodec;
import dev.quic.dataplane.core.crypto.AeadProvider;

/**
 * Settings of one {@link QuicNet}.
 *
 * @param shard this net's index, coded into the connection ids it issues; 0 to 255
 * @param shards how many nets share the process; 1 to 256
 * @param maxDatagramV4 largest UDP payload the search for a path's MTU tries over IPv4, 1200 to
 *     9000 bytes; the peer's max_udp_payload_size bounds it too
 * @param maxDatagramV6 the same over IPv6
 * @param ids how the shard is coded into connection ids; this net's own
 * @param aeads where the AEAD of keys that TLS hands over comes from
 */
public record NetConfig(
    int shard, int shards, int maxDatagramV4, int maxDatagramV6, IdCodec ids, AeadProvider aeads) {
  /** What an Ethernet of 1500 bytes leaves under IPv4. */
  public static final int DEFAULT_DATAGRAM_V4 = 1_472;

  /** The same under IPv6. */
  public static final int DEFAULT_DATAGRAM_V6 = 1_452;

  public NetConfig(int shard, int shards, int maxDatagramV4, int maxDatagramV6) {
    this(shard, shards, maxDatagramV4, maxDatagramV6, ShardCodec.CODEC, AeadProvider.JDK);
  }

  public NetConfig(int shard, int shards, IdCodec ids, AeadProvider aeads) {
    this(shard, shards, DEFAULT_DATAGRAM_V4, DEFAULT_DATAGRAM_V6, ids, aeads);
  }

  public static NetConfig single() {
    return new NetConfig(0, 1, ShardCodec.CODEC, AeadProvider.JDK);
  }
}
