package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uds.SeqPacket;
import org.jspecify.annotations.Nullable;

/** A listener's connection on its way to the program. */
final class Arrival {
  final DataDescriptor descriptor;
  final @Nullable SockAddr peer;

  /** The program's end, once there is one; open until it is passed on. */
  @Nullable SeqPacket far;

  Arrival(DataDescriptor descriptor, @Nullable SockAddr peer) {
    this.descriptor = descriptor;
    this.peer = peer;
  }
}
