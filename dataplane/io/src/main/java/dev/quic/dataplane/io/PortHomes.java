package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the shards of a process have open: on which one a UDP port number was opened first, so that
 * the sockets of a port come together there, and which of them have an address open. Any thread.
 */
final class PortHomes {
  private record Home(int shard, int uses) {}

  private record Opened(long hi, long lo, int port, int shard) {
    static Opened of(SockAddr a, int shard) {
      return new Opened(a.hi(), a.lo(), a.port(), shard);
    }
  }

  private final ConcurrentHashMap<Integer, Home> homes = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Opened, Integer> open = new ConcurrentHashMap<>();

  /** A shard opened, or is about to open, a port. */
  void opened(SockAddr at, int shard) {
    homes.merge(at.port(), new Home(shard, 1), (h, one) -> new Home(h.shard, h.uses + 1));
    open.merge(Opened.of(at, shard), 1, Integer::sum);
  }

  void closed(SockAddr at, int shard) {
    homes.computeIfPresent(at.port(), (n, h) -> h.uses > 1 ? new Home(h.shard, h.uses - 1) : null);
    open.computeIfPresent(Opened.of(at, shard), (k, n) -> n > 1 ? n - 1 : null);
  }

  /** The shard that first opened the port, -1 for one not in use. */
  int home(int number) {
    Home h = homes.get(number);
    return h == null ? -1 : h.shard;
  }

  /** Whether a shard has this very address open. */
  boolean isOpen(SockAddr at, int shard) {
    return open.containsKey(Opened.of(at, shard));
  }
}
