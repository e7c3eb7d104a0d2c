package dev.quic.dataplane.core.pair;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.Entropy;
import dev.quic.dataplane.core.protocol.Host;
import dev.quic.dataplane.core.protocol.NetConfig;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.core.socket.Watcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A network of {@link QuicNet}s in memory and in virtual time, with loss, reordering and
 * duplication by seed.
 */
final class World {
  static final long MS = 1_000_000;

  record Datagram(long at, long order, SockAddr from, SockAddr to, byte[] bytes) {}

  /** Looks at, changes or swallows (null) a datagram on its way. */
  interface Wire {
    byte @Nullable [] pass(SockAddr from, SockAddr to, byte[] bytes);
  }

  final class Node implements Host, Entropy {
    final long address;
    final QuicNet net;
    final Random random;
    final Map<Integer, SockAddr> ports = new HashMap<>();
    final Map<Sock, Integer> woken = new LinkedHashMap<>();
    EventSink sink = EventSink.NONE;
    long sentBytes;
    long sentDatagrams;
    private int nextPort = 40_000;
    private int nextHandle;
    private final RxBatch rx = new RxBatch(1 << 18, 128);

    Node(int v4, long seed, NetConfig config) {
      address = v4;
      random = new Random(seed);
      net = new QuicNet(config, this);
    }

    @Override
    public int bindUdp(SockAddr local, boolean reusePort) {
      SockAddr a = local.port() == 0 ? local.withPort(nextPort++) : local;
      ports.put(nextHandle, a);
      return nextHandle++;
    }

    @Override
    public SockAddr udpAddress(int port) {
      SockAddr a = ports.get(port);
      if (a == null) {
        throw new IllegalStateException("port " + port + " is not bound");
      }
      return a;
    }

    @Override
    public @Nullable SockAddr routeSource(SockAddr remote) {
      return SockAddr.v4((int) address, 0);
    }

    @Override
    public void unbindUdp(int port) {
      ports.remove(port);
    }

    @Override
    public void transmit(TxBatch b) {
      SockAddr local = b.local;
      SockAddr remote = b.remote;
      if (local == null || remote == null || !ports.containsKey(b.port)) {
        throw new IllegalStateException("transmit without a path");
      }
      for (int off = 0; off < b.len; off += b.segmentSize) {
        int n = Math.min(b.segmentSize, b.len - off);
        byte[] bytes = java.util.Arrays.copyOfRange(b.slab, off, off + n);
        sentBytes += n;
        sentDatagrams++;
        carry(local, remote, bytes);
      }
    }

    @Override
    public void wake(Sock sock, int mask) {
      woken.merge(sock, mask, (x, y) -> x | y);
    }

    @Override
    public EventSink events() {
      return sink;
    }

    @Override
    public Entropy entropy() {
      return this;
    }

    @Override
    public void publicBytes(byte[] buf, int off, int len) {
      for (int i = 0; i < len; i++) {
        buf[off + i] = (byte) random.nextInt();
      }
    }

    @Override
    public void privateBytes(byte[] buf, int off, int len) {
      publicBytes(buf, off, len);
    }

    int portOf(SockAddr to) {
      for (Map.Entry<Integer, SockAddr> e : ports.entrySet()) {
        if (e.getValue().accepts(to)) {
          return e.getKey();
        }
      }
      return -1;
    }

    void receive(List<Datagram> batch) {
      for (int from = 0; from < batch.size(); from += 128) {
        rx.count = 0;
        int at = 0;
        for (Datagram d : batch.subList(from, Math.min(batch.size(), from + 128))) {
          int port = portOf(d.to());
          if (port < 0) {
            continue;
          }
          int i = rx.count++;
          System.arraycopy(d.bytes(), 0, rx.slab, at, d.bytes().length);
          rx.off[i] = at;
          rx.len[i] = d.bytes().length;
          rx.local[i] = d.to();
          rx.remote[i] = d.from();
          rx.port[i] = port;
          at += d.bytes().length;
        }
        net.onDatagrams(now, rx);
      }
    }

    void turn() {
      net.endOfTurn(now);
      while (!woken.isEmpty()) {
        Map<Sock, Integer> w = new LinkedHashMap<>(woken);
        woken.clear();
        w.forEach((s, mask) -> {
          Watcher watcher = s.watcher();
          if (watcher != null) {
            watcher.ready(s, mask);
          }
        });
        net.endOfTurn(now);
      }
    }
  }

  long now = 1_000 * MS;
  long delay = 5 * MS;
  double loss;
  int cipher = dev.quic.uapi.QuicUapi.TLS_CIPHER_AES_GCM_128;
  int certificateBytes = 3_000;

  /** The server takes 0-RTT. */
  boolean serverTakesEarly;

  /** Nothing is owned elsewhere. */
  boolean ownHandshake;

  double reorder;
  double duplicate;
  Wire wire = (from, to, bytes) -> bytes;
  final Random random;
  final Node client;
  final Node server;
  private long order;
  private int standing;
  private final PriorityQueue<Datagram> flying =
      new PriorityQueue<>(
          Comparator.comparingLong(Datagram::at).thenComparingLong(Datagram::order));

  World(long seed) {
    random = new Random(seed);
    client = new Node(0x0a000001, seed + 1, NetConfig.single());
    server = new Node(0x0a000002, seed + 2, NetConfig.single());
  }

  SockAddr serverAddress() {
    return SockAddr.v4((int) server.address, 4433);
  }

  void carry(SockAddr inner, SockAddr dest, byte[] sent) {
    SockAddr from = outward.getOrDefault(inner, inner);
    if (outward.containsKey(dest)) {
      // The old mapping is gone.
      return;
    }
    SockAddr to = inward.getOrDefault(dest, dest);
    byte[] bytes = wire.pass(from, to, sent);
    if (bytes == null || random.nextDouble() < loss) {
      return;
    }
    long at = now + delay;
    if (random.nextDouble() < reorder) {
      at += (long) (random.nextDouble() * 3 * delay);
    }
    flying.add(new Datagram(at, order++, from, to, bytes));
    if (random.nextDouble() < duplicate) {
      flying.add(new Datagram(at + delay / 2, order++, from, to, bytes.clone()));
    }
  }

  private final Map<SockAddr, SockAddr> outward = new HashMap<>();
  private final Map<SockAddr, SockAddr> inward = new HashMap<>();

  /** From now on a NAT shows {@code inside} to the world as {@code outside}. */
  void translate(SockAddr inside, SockAddr outside) {
    outward.put(inside, outside);
    inward.put(outside, inside);
  }

  /** Brings in a datagram from nowhere. */
  void inject(SockAddr from, SockAddr to, byte[] bytes) {
    flying.add(new Datagram(now, order++, from, to, bytes));
  }

  /** Sends a datagram off as it is, to arrive with what is sent at this moment. */
  void fly(SockAddr from, SockAddr to, byte[] bytes) {
    flying.add(new Datagram(now + delay, order++, from, to, bytes));
  }

  /** Moves to the next moment at which something happens; false when that is after {@code end}. */
  boolean step(long end) {
    client.turn();
    server.turn();
    long next = Math.min(client.net.nextDeadline(), server.net.nextDeadline());
    Datagram first = flying.peek();
    next = Math.min(next, first == null ? Long.MAX_VALUE : first.at());
    if (next > end) {
      now = Math.max(now, end);
      return false;
    }
    if (next <= now && ++standing > 10_000) {
      throw new IllegalStateException("time stands still at " + now);
    }
    standing = next <= now ? standing : 0;
    now = Math.max(now, next);
    List<Datagram> toClient = new ArrayList<>();
    List<Datagram> toServer = new ArrayList<>();
    Datagram d;
    while ((d = flying.peek()) != null && d.at() <= now) {
      flying.poll();
      (d.to().v4Bits() == (int) client.address ? toClient : toServer).add(d);
    }
    client.receive(toClient);
    server.receive(toServer);
    client.net.onTimer(now);
    server.net.onTimer(now);
    client.turn();
    server.turn();
    return true;
  }

  /** Runs until {@code done} or so many virtual nanoseconds have passed. */
  boolean run(long limit, java.util.function.BooleanSupplier done) {
    long end = now + limit;
    while (!done.getAsBoolean()) {
      if (!step(end)) {
        return done.getAsBoolean();
      }
    }
    return true;
  }
}
