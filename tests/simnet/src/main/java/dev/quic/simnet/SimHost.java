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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The shell of a simulated endpoint: one address, ports by number, sends kept for the ring. */
final class SimHost implements Host {
  private static final int FIRST_EPHEMERAL = 49_152;

  private final SockAddr address;
  private final EventSink events;
  private final Entropy entropy;
  private final Map<Integer, SockAddr> ports = new LinkedHashMap<>();
  private final List<Datagram> outbox = new ArrayList<>();
  private Map<Sock, Integer> wakes = new LinkedHashMap<>();
  private int nextHandle;
  private int nextEphemeral = FIRST_EPHEMERAL;
  private long sentBytes;
  private long batches;

  /**
   * @param address of this endpoint, port 0
   */
  SimHost(SockAddr address, EventSink events, Entropy entropy) {
    this.address = address;
    this.events = events;
    this.entropy = entropy;
  }

  @Override
  public int bindUdp(SockAddr local, boolean reusePort) {
    if (!local.isAny() && (local.hi() != address.hi() || local.lo() != address.lo())) {
      return -Errno.EADDRNOTAVAIL;
    }
    int port = local.port();
    if (port == 0) {
      while (taken(nextEphemeral)) {
        nextEphemeral++;
      }
      port = nextEphemeral++;
    } else if (taken(port)) {
      return -Errno.EADDRINUSE;
    }
    ports.put(nextHandle, local.withPort(port));
    return nextHandle++;
  }

  private boolean taken(int port) {
    return ports.values().stream().anyMatch(a -> a.port() == port);
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
  public SockAddr routeSource(SockAddr remote) {
    return address;
  }

  @Override
  public void unbindUdp(int port) {
    ports.remove(port);
  }

  /** The port a datagram to this address belongs to; -1 for none. */
  int portFor(SockAddr to) {
    if (to.hi() != address.hi() || to.lo() != address.lo()) {
      return -1;
    }
    for (Map.Entry<Integer, SockAddr> e : ports.entrySet()) {
      if (e.getValue().accepts(to)) {
        return e.getKey();
      }
    }
    return -1;
  }

  /** Whether this is an address of the endpoint, bound or not. */
  boolean owns(SockAddr to) {
    return to.hi() == address.hi() && to.lo() == address.lo();
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
    @Nullable SockAddr local = batch.local;
    SockAddr from = local == null || local.isAny() ? address : local;
    if (from.hi() != address.hi() || from.lo() != address.lo()) {
      return; // The system would refuse a source that is not its own.
    }
    from = from.withPort(bound.port());
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
