package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.dataplane.daemon.front.Fronts;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes sockets for consumers inside the data plane, on the shards in turn. Any thread. */
public final class KernelSockets implements QuicSockets {
  private final Fronts fronts;
  private final List<ShardLink> shards;
  private final AtomicInteger next = new AtomicInteger();

  public KernelSockets(Fronts fronts, List<ShardLink> shards) {
    this.fronts = fronts;
    this.shards = List.copyOf(shards);
  }

  Fronts fronts() {
    return fronts;
  }

  ShardLink shard(int index) {
    return shards.get(index);
  }

  @Override
  public QuicSocket socket(int family) throws QuicException {
    if (family != QuicUapi.AF_INET && family != QuicUapi.AF_INET6) {
      throw new QuicException(Errno.EAFNOSUPPORT, "socket");
    }
    ShardLink link = shards.get(Math.floorMod(next.getAndIncrement(), shards.size()));
    KernelSocket[] made = new KernelSocket[1];
    ShardCall.run(
        link,
        "socket",
        (net, now) -> {
          made[0] = new KernelSocket(this, net.socket(family), link, now);
          return 0;
        });
    return made[0];
  }

  /** Has no effect: the sockets belong to their users and end with the data plane at the latest. */
  @Override
  public void close() {}
}
