package dev.quic.dataplane.io;

import java.util.concurrent.ConcurrentHashMap;

/** On which shard each UDP port number is in use, so that its sockets can be there together. */
final class PortHomes {
  private record Home(int shard, int uses) {}

  private final ConcurrentHashMap<Integer, Home> homes = new ConcurrentHashMap<>();

  /** A shard opened a port. */
  void opened(int number, int shard) {
    homes.merge(number, new Home(shard, 1), (h, one) -> new Home(h.shard, h.uses + 1));
  }

  void closed(int number) {
    homes.computeIfPresent(number, (n, h) -> h.uses > 1 ? new Home(h.shard, h.uses - 1) : null);
  }

  /** The shard that first opened the port, -1 for one not in use. Any thread. */
  int home(int number) {
    Home h = homes.get(number);
    return h == null ? -1 : h.shard;
  }
}
