package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.daemon.front.SockFront;
import org.jspecify.annotations.Nullable;

/**
 * A socket, or a grant, as one control connection knows it.
 *
 * @param owner whether CLOSE ends the socket and not only the handle
 */
record Handle(DataDescriptor descriptor, boolean owner) {
  @Nullable SockFront front() {
    return descriptor.front();
  }

  boolean isGrant() {
    return descriptor.isGrant();
  }

  boolean isRevoked() {
    return descriptor.channel().isRevoked();
  }
}
