package dev.quic.dataplane.io;

import dev.quic.dataplane.core.connid.IdCodec;
import dev.quic.dataplane.core.connid.ShardCodec;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.path.MtuRange;
import dev.quic.dataplane.core.protocol.NetConfig;

/**
 * Settings of one shard.
 *
 * @param udp which UDP implementation
 * @param index this shard, 0 to {@code count - 1}
 * @param count shards in the process, 1 to 256
 * @param ids how shards are coded into connection ids; used on this shard's thread only
 * @param aeads where packet protection comes from
 * @param maxDatagram largest UDP payload sent, as {@link NetConfig#maxDatagram}
 * @param busyPollMicros how long it waits awake for the next packet before it sleeps, microseconds,
 *     0 to {@link IoLimits#BUSY_POLL_MICROS}; {@link #ADAPTIVE} as long as that pays
 */
public record ShardConfig(
    UdpMode udp,
    int index,
    int count,
    IdCodec ids,
    AeadProvider aeads,
    int maxDatagram,
    int busyPollMicros) {
  /** Up to {@link IoLimits#SPIN_NANOS}, and not at all on one processor. */
  public static final int ADAPTIVE = -1;

  public ShardConfig {
    if (busyPollMicros < ADAPTIVE || busyPollMicros > IoLimits.BUSY_POLL_MICROS) {
      throw new IllegalArgumentException("busy poll of " + busyPollMicros + " us");
    }
    if (!NetConfig.isMaxDatagram(maxDatagram)) {
      throw new IllegalArgumentException("datagrams of " + maxDatagram + " bytes");
    }
    if (count < 1 || count > 256 || index < 0 || index >= count) {
      throw new IllegalArgumentException("shard " + index + " of " + count);
    }
  }

  public ShardConfig(UdpMode udp, int index, int count) {
    this(udp, index, count, ShardCodec.CODEC, AeadProvider.JDK, MtuRange.AUTO, ADAPTIVE);
  }

  /** The only shard of its process, with the best port the system has. */
  public static ShardConfig single() {
    return new ShardConfig(UdpMode.AUTO, 0, 1);
  }
}
