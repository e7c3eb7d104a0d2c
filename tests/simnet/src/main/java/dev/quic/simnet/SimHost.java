package dev.quic.simnet;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.Entropy;
import dev.quic.dataplane.core.protocol.Host;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The shell of a simulated endpoint: its addresses, ports by number, sends kept for the ring. */
final class SimHost implements Host {
  private static final int FIRST_EPHEMERAL = 49_152;

  private final List<SockAddr> addresses = new ArrayList<>();
  private final EventSink events;
  private final Entropy entropy;
  private final Map<Integer, SockAddr> ports = new LinkedHashMap<>();
  private final Set<Integer> v6onlyPorts = new HashSet<>();
  private final List<Datagram> outbox = new ArrayList<>();
  private Map<Sock, Integer> wakes = new LinkedHashMap<>();
  private int nextHandle;
  private int nextEphemeral = FIRST_EPHEMERAL;
  private long sentBytes;
  private long batches;
  private int interfaceMtu = Integer.MAX_VALUE;
  private int routeMtu;

  /**
   * @param address of this endpoint, port 0; the source of what is sent without another
   */
  SimHost(SockAddr address, EventSink events, Entropy entropy) {
    addresses.add(address);
    this.events = events;
    this.entropy = entropy;
  }

  /** Gives the endpoint another address. */
  void alias(SockAddr address) {
    addresses.add(address);
  }

  /** From now on larger UDP payloads are refused. */
  void interfaceMtu(int bytes) {
    interfaceMtu = bytes;
  }

  /** What the system says of every route from now on. */
  void routeMtu(int bytes) {
    routeMtu = bytes;
  }

  @Override
  public int routeMtu(SockAddr local, SockAddr remote) {
    return routeMtu;
  }

  @Override
  public int bindUdp(SockAddr local, boolean reusePort) {
    return bindUdp(local, reusePort, false);
  }

  @Override
  public int bindUdp(SockAddr local, boolean reusePort, boolean v6only) {
    if (!local.isAny() && !owns(local)) {
      return -Errno.EADDRNOTAVAIL;
    }
    int port = local.port();
    if (port == 0) {
      while (taken(local.withPort(nextEphemeral))) {
        nextEphemeral++;
      }
      port = nextEphemeral++;
    } else if (taken(local) && !apart(local, v6only)) {
      return -Errno.EADDRINUSE;
    }
    ports.put(nextHandle, local.withPort(port));
    if (v6only) {
      v6onlyPorts.add(nextHandle);
    }
    return nextHandle++;
  }

  /** The wildcards of both families, one of them IPv6's alone. */
  private boolean apart(SockAddr local, boolean v6only) {
    return ports.entrySet().stream()
        .filter(e -> e.getValue().accepts(local) || local.accepts(e.getValue()))
        .allMatch(e ->
            e.getValue().isV4() != local.isV4() && (v6only || v6onlyPorts.contains(e.getKey())));
  }

  private boolean taken(SockAddr local) {
    return ports.values().stream().anyMatch(a -> a.accepts(local) || local.accepts(a));
  }

  @Override
  public SockAddr udpAddress(int port) {
    SockAddr a = ports.get(port);
    if (a == null) {
      throw new IllegalArgumentException("no port " + port);
    }
    return a;
  }

  @Override
  public @Nullable SockAddr routeSource(SockAddr remote) {
    return addresses.stream().filter(a -> a.isV4() == remote.isV4()).findFirst().orElse(null);
  }

  @Override
  public void unbindUdp(int port) {
    ports.remove(port);
  }

  /** The port a datagram to this address belongs to; -1 for none. */
  int portFor(SockAddr to) {
    if (!owns(to)) {
      return -1;
    }
    for (Map.Entry<Integer, SockAddr> e : ports.entrySet()) {
      boolean other = v6onlyPorts.contains(e.getKey()) && to.isV4();
      if (!other && e.getValue().accepts(to)) {
        return e.getKey();
      }
    }
    return -1;
  }

  /** Whether this is an address of the endpoint, bound or not. */
  boolean owns(SockAddr to) {
    return addresses.stream().anyMatch(a -> to.hi() == a.hi() && to.lo() == a.lo());
  }

  @Override
  public void transmit(TxBatch batch) {
    SockAddr bound = udpAddress(batch.port);
    SockAddr remote = batch.remote;
    if (remote == null || batch.segmentSize <= 0 || batch.len <= 0) {
      throw new IllegalStateException("a batch without destination or size");
    }
    if (batch.len > TxBatch.MAX_BYTES || batch.segments() > TxBatch.MAX_SEGMENTS) {
      throw new IllegalStateException("a batch of " + batch.len + " in " + batch.segments());
    }
    if (batch.wire != 0) {
      throw new IllegalStateException("the simulated network takes packets from the slab alone");
    }
    @Nullable SockAddr local = batch.local;
    SockAddr from = local == null || local.isAny() ? routeSource(remote) : local;
    if (from == null || !owns(from) || from.isV4() != remote.isV4()) {
      return; // The system would refuse a source that is not its own.
    }
    from = from.withPort(bound.port());
    if (batch.segmentSize > interfaceMtu) {
      batch.tooBig = true;
      return;
    }
    batches++;
    for (int at = 0; at < batch.len; at += batch.segmentSize) {
      int end = Math.min(batch.len, at + batch.segmentSize);
      outbox.add(new Datagram(Arrays.copyOfRange(batch.slab, at, end), from, remote, batch.ecn));
    }
    sentBytes += batch.len;
  }

  List<Datagram> takeOutbox() {
    if (outbox.isEmpty()) {
      return List.of();
    }
    List<Datagram> out = List.copyOf(outbox);
    outbox.clear();
    return out;
  }

  long sentBytes() {
    return sentBytes;
  }

  long batches() {
    return batches;
  }

  int boundPorts() {
    return ports.size();
  }

  @Override
  public void wake(Sock sock, int mask) {
    wakes.merge(sock, mask, (a, b) -> a | b);
  }

  boolean hasWakes() {
    return !wakes.isEmpty();
  }

  Map<Sock, Integer> takeWakes() {
    Map<Sock, Integer> w = wakes;
    wakes = new LinkedHashMap<>();
    return w;
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
