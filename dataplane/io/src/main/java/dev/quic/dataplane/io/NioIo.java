package dev.quic.dataplane.io;

import java.nio.ByteBuffer;

/** What all NIO ports of one shard share. Confined to its thread. */
final class NioIo {
  final InetAddrs addresses = new InetAddrs();

  /** Direct, so that the JDK copies nothing on its side. */
  final ByteBuffer buffer = ByteBuffer.allocateDirect(IoLimits.MAX_RUN_BYTES + 1);
}
