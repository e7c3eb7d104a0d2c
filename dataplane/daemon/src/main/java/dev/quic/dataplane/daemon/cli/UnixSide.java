package dev.quic.dataplane.daemon.cli;

import dev.quic.dataplane.daemon.front.Fronts;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.daemon.handshake.HandshakeFamily;
import dev.quic.dataplane.daemon.handshake.HandshakeTrace;
import java.util.List;

/** The AF_UNIX half of a data plane. */
final class UnixSide implements AutoCloseable {
  UnixSide(
      RunDir dir,
      DataPlaneConfig config,
      Fronts fronts,
      List<ShardLink> shards,
      HandshakeTrace trace)
      throws StartException {
    throw new StartException("not yet");
  }

  HandshakeFamily family() {
    throw new IllegalStateException();
  }

  void start() {}

  @Override
  public void close() {}
}
