package dev.quic.dataplane.io;

import dev.quic.dataplane.core.protocol.QuicNet;

/** Work handed to a shard; runs on its thread, must not block. */
@FunctionalInterface
public interface ShardTask {
  void run(QuicNet net, long now);
}
