package dev.quic.dataplane.io;

import dev.quic.dataplane.core.protocol.QuicNet;
import org.jspecify.annotations.Nullable;

/** Work with an answer, for {@link Shard#call}; runs on the shard's thread, must not block. */
@FunctionalInterface
public interface ShardCall<T extends @Nullable Object> {
  T run(QuicNet net, long now);
}
