package dev.quic.dataplane.daemon.cli;

import dev.quic.dataplane.core.connid.IdCodec;
import dev.quic.dataplane.core.connid.ShardCodec;
import dev.quic.dataplane.core.protocol.QuicLbIds;
import java.util.HexFormat;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * How connection ids are made where a QUIC-LB load balancer stands before this server: {@code
 * quic_lb.server_id} (1 or 2 bytes in hexadecimal), {@code quic_lb.config} (0 to 6) and {@code
 * quic_lb.key} (16 bytes; without it ids are readable by anyone).
 */
public final class QuicLbConfig {
  private final int config;
  private final byte[] serverId;
  private final byte @Nullable [] key;

  private QuicLbConfig(int config, byte[] serverId, byte @Nullable [] key) {
    this.config = config;
    this.serverId = serverId;
    this.key = key;
    new QuicLbIds(config, serverId, key).destroy();
  }

  /** Null where the file says nothing of it. */
  static @Nullable QuicLbConfig of(Properties p) {
    byte[] id = hex(p, "quic_lb.server_id");
    byte[] key = hex(p, "quic_lb.key");
    String config = p.getProperty("quic_lb.config");
    if (id == null) {
      if (key != null || config != null) {
        throw new IllegalArgumentException("quic_lb.server_id is missing: give 1 or 2 bytes");
      }
      return null;
    }
    try {
      return new QuicLbConfig(config == null ? 0 : Integer.parseInt(config.strip()), id, key);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("quic_lb.config is no number: " + config, e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("quic_lb: " + e.getMessage(), e);
    }
  }

  private static byte @Nullable [] hex(Properties p, String key) {
    String v = p.getProperty(key);
    try {
      return v == null ? null : HexFormat.of().parseHex(v.strip());
    } catch (IllegalArgumentException e) {
      // The value may be a secret.
      throw new IllegalArgumentException(key + " is not hexadecimal", e);
    }
  }

  /** For one shard; without a configuration the coding of our own. */
  static IdCodec codec(@Nullable QuicLbConfig c) {
    return c == null ? ShardCodec.CODEC : new QuicLbIds(c.config, c.serverId, c.key);
  }
}
