package dev.quic.dataplane.io;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.Entropy;
import dev.quic.dataplane.core.protocol.Host;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.core.socket.Watcher;
import dev.quic.dataplane.io.ShardStats.Counter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a shard does for its core: ports, sends, wake-ups kept for the end of the turn. */
final class ShardHost implements Host {
  private final int index;
  private final int shards;
  private final PortHomes homes;
  private final PortTable ports;
  private final Poller poller;
  private final Routes routes;
  private final EventSink events;
  private final Entropy entropy;
  private final ShardStats stats;
  private final Consumer<String> notices;
  private WakeList wakes = new WakeList();
  private WakeList delivering = new WakeList();
  private boolean sent;

  /**
   * @param shards of the process
   */
  ShardHost(
      int index,
      int shards,
      Poller poller,
      PortHomes homes,
      EventSink events,
      Entropy entropy,
      ShardStats stats,
      Consumer<String> notices) {
    this.index = index;
    this.shards = shards;
    this.homes = homes;
    this.poller = poller;
    this.ports = new PortTable(poller);
    this.routes = new Routes(poller::routeMtu);
    this.events = events;
    this.entropy = entropy;
    this.stats = stats;
    this.notices = notices;
  }

  PortTable ports() {
    return ports;
  }

  @Override
  public int bindUdp(SockAddr local, boolean reusePort) {
    return bindUdp(local, reusePort, false);
  }

  @Override
  public int bindUdp(SockAddr local, boolean reusePort, boolean v6only) {
    boolean joins = reusePort || isOpenElsewhere(local);
    homes.opened(local, index);
    int handle = ports.bind(local, joins, v6only);
    if (handle >= 0) {
      homes.opened(udpAddress(handle), index);
    }
    homes.closed(local, index);
    return handle;
  }

  /** Then a shard listens there, or has connections that outlive a listener: others can join it. */
  private boolean isOpenElsewhere(SockAddr local) {
    for (int i = 0; local.port() != 0 && i < shards; i++) {
      if (i != index && homes.isOpen(local, i)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a shard can take a datagram that came in by a port of this one.
   *
   * @param port handle
   */
  boolean isOpenAt(int shard, int port) {
    UdpPort p = ports.get(port);
    return p != null && homes.isOpen(p.local(), shard);
  }

  @Override
  public void listens(int port) {
    UdpPort p = ports.get(port);
    if (shards > 1 && p != null) {
      p.letOthersJoin();
    }
  }

  @Override
  public boolean tellsDestination(int port) {
    UdpPort p = ports.get(port);
    return p != null && p.tellsDestination();
  }

  @Override
  public SockAddr udpAddress(int port) {
    UdpPort p = ports.get(port);
    if (p == null) {
      throw new IllegalArgumentException("no port " + port);
    }
    return p.local();
  }

  @Override
  public @Nullable SockAddr routeSource(SockAddr remote) {
    return routes.source(remote, MonotonicClock.now());
  }

  @Override
  public int routeMtu(SockAddr local, SockAddr remote) {
    return routes.mtu(local, remote, MonotonicClock.now());
  }

  @Override
  public void unbindUdp(int port) {
    SockAddr address = udpAddress(port);
    ports.close(port);
    homes.closed(address, index);
  }

  @Override
  public void transmit(TxBatch batch) {
    UdpPort port = ports.get(batch.port);
    if (port == null) {
      return;
    }
    boolean waited = port.wantsWrite();
    long drops = port.sendDrops();
    port.send(batch);
    if (port.wantsWrite() && !waited) {
      poller.watchWrites(port, batch.port, true);
    }
    sent = true;
    stats.add(Counter.TX_BATCHES, 1);
    stats.add(Counter.TX_DATAGRAMS, batch.segments());
    stats.add(Counter.TX_BYTES, batch.len);
    stats.add(Counter.TX_DROPS, port.sendDrops() - drops);
  }

  /** A port has room again. */
  void flush(int handle) {
    UdpPort port = ports.get(handle);
    if (port != null) {
      long drops = port.sendDrops();
      port.flush();
      stats.add(Counter.TX_DROPS, port.sendDrops() - drops);
      if (!port.wantsWrite()) {
        poller.watchWrites(port, handle, false);
      }
    }
  }

  /** Whether anything was sent since the last question. */
  boolean takeSent() {
    boolean s = sent;
    sent = false;
    return s;
  }

  @Override
  public void wake(Sock sock, int mask) {
    wakes.add(sock, mask);
  }

  boolean hasWakes() {
    return wakes.count() > 0;
  }

  /** Tells what was noted so far; what the watchers cause is noted for the next round. */
  void deliverWakes() {
    WakeList now = wakes;
    wakes = delivering;
    delivering = now;
    for (int i = 0; i < now.count(); i++) {
      Sock sock = now.sock(i);
      Watcher watcher = sock == null ? null : sock.watcher();
      if (sock != null && watcher != null) {
        tell(watcher, sock, now.mask(i));
      }
    }
    now.clear();
  }

  private void tell(Watcher watcher, Sock sock, int mask) {
    try {
      watcher.ready(sock, mask);
    } catch (RuntimeException e) {
      // One consumer's fault must not end the connections of all others.
      stats.add(Counter.WATCHER_FAILURES, 1);
      notices.accept("a watcher threw: " + e);
    }
  }

  @Override
  public EventSink events() {
    return events;
  }

  @Override
  public Entropy entropy() {
    return entropy;
  }
}
