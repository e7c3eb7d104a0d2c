package dev.quic.dataplane.daemon.kernel;

import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.dataplane.daemon.handshake.HandshakeTarget;

/** A socket under the handshake family's hands. Its calls travel to the shard in order. */
final class SocketTarget implements HandshakeTarget {
  private final SockFront front;

  SocketTarget(SockFront front) {
    this.front = front;
  }

  @Override
  public long cookie() {
    return front.cookie();
  }

  @Override
  public SockFront front() {
    return front;
  }

  @Override
  public void gate() {
    front.handshakeExpected();
    front.link().post((net, now) -> front.gate());
  }

  @Override
  public void release(boolean failed) {
    front.link().post((net, now) -> front.ungate(now, failed));
  }
}
