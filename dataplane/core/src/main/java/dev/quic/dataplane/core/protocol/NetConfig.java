package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.connid.IdCodec;
import dev.quic.dataplane.core.connid.ShardCodec;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.crypto.ListenerSecret;
import dev.quic.dataplane.core.path.MtuRange;
import org.jspecify.annotations.Nullable;

/**
 * Settings of one {@link QuicNet}.
 *
 * @param shard this net's index, coded into the connection ids it issues; 0 to 255
 * @param shards how many nets share the process; 1 to 256
 * @param maxDatagram largest UDP payload the search for a path's MTU tries, 1200 to {@link
 *     Limits#MAX_DATAGRAM} bytes; {@link MtuRange#AUTO} for what the way out carries. The peer's
 *     max_udp_payload_size bounds it too
 * @param ids how the shard is coded into connection ids; this net's own
 * @param aeads where the AEAD of keys that TLS hands over comes from
 * @param secret what tokens and ticket keys are derived from, the same for all nets of a process,
 *     since a client may come back to any of them; null for one of this net's own
 */
public record NetConfig(
    int shard,
    int shards,
    int maxDatagram,
    IdCodec ids,
    AeadProvider aeads,
    @Nullable ListenerSecret secret) {
  public NetConfig {
    if (!isMaxDatagram(maxDatagram)) {
      throw new IllegalArgumentException("datagrams of " + maxDatagram + " bytes");
    }
  }

  public NetConfig(int shard, int shards, IdCodec ids, AeadProvider aeads) {
    this(shard, shards, MtuRange.AUTO, ids, aeads);
  }

  public NetConfig(int shard, int shards, int maxDatagram, IdCodec ids, AeadProvider aeads) {
    this(shard, shards, maxDatagram, ids, aeads, null);
  }

  /** Whether this can be {@link #maxDatagram}. */
  public static boolean isMaxDatagram(int n) {
    return n == MtuRange.AUTO || n >= Limits.MIN_INITIAL_DATAGRAM && n <= Limits.MAX_DATAGRAM;
  }

  public static NetConfig single() {
    return new NetConfig(0, 1, ShardCodec.CODEC, AeadProvider.JDK);
  }
}
