package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.connid.IdCodec;
import dev.quic.dataplane.core.crypto.QuicLb;
import java.util.Arrays;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * Ids for a load balancer (draft-ietf-quic-load-balancers): the server id is the one configured
 * with the shard as its last byte, so that a balancer is told 256 ids of one server, or a prefix.
 */
public final class QuicLbIds implements IdCodec, Destroyable {
  private final QuicLb lb;
  private final byte[] serverId;
  private final byte[] id = new byte[Limits.OWN_CONN_ID_BYTES];

  /**
   * @param config number of the balancer's configuration, 0 to 6
   * @param serverId 1 or 2 bytes
   * @param key 16 bytes; null for ids that anyone can read
   * @throws IllegalArgumentException for other numbers
   */
  public QuicLbIds(int config, byte[] serverId, byte @Nullable [] key) {
    if (serverId.length < 1 || serverId.length > 2) {
      throw new IllegalArgumentException("a server id of " + serverId.length + " bytes");
    }
    this.serverId = serverId.clone();
    int idLength = serverId.length + 1;
    lb = new QuicLb(config, idLength, Limits.OWN_CONN_ID_BYTES - 1 - idLength, key);
  }

  @Override
  public ConnId issue(long random, int shard) {
    ConnId.ofKey(random).write(id, 0);
    System.arraycopy(serverId, 0, id, 1, serverId.length);
    id[1 + serverId.length] = (byte) shard;
    lb.encode(id);
    return ConnId.of(id);
  }

  @Override
  public int shardOf(long key) {
    ConnId.ofKey(key).write(id, 0);
    boolean ours = lb.decode(id);
    int end = 1 + serverId.length;
    return ours && Arrays.equals(id, 1, end, serverId, 0, serverId.length) ? id[end] & 0xff : -1;
  }

  @Override
  public void destroy() {
    lb.destroy();
  }

  @Override
  public boolean isDestroyed() {
    return lb.isDestroyed();
  }
}
