package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.daemon.front.Fronts;
import dev.quic.dataplane.daemon.front.IoLink;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.daemon.kernel.KernelSockets;
import dev.quic.dataplane.io.Shards;
import dev.quic.dataplane.io.UdpMode;
import java.util.List;

/** Sockets of a data plane in this process; closing them ends the data plane. */
final class EmbeddedSockets implements QuicSockets {
  private final Shards shards;
  private final Fronts fronts;
  private final KernelSockets sockets;

  EmbeddedSockets() {
    shards = Shards.start(UdpMode.AUTO, 1, i -> EventSink.NONE, System.err::println);
    List<ShardLink> links = shards.all().stream().<ShardLink>map(IoLink::new).toList();
    fronts = new Fronts();
    sockets = new KernelSockets(fronts, links);
  }

  @Override
  public QuicSocket socket(int family) throws QuicException {
    return sockets.socket(family);
  }

  @Override
  public void close() {
    fronts.closeAll();
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    shards.close();
  }
}
