package dev.quic.sim;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.Entropy;
import dev.quic.dataplane.core.protocol.Host;
import dev.quic.dataplane.core.protocol.NetConfig;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Pair;
import dev.quic.simnet.SeededEntropy;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Two nets back to back with nothing around them: what their connections cost is what the heap
 * holds. A client takes one of a few ports in turn; handshakes go one after another, and what was
 * needed for one is dropped after it.
 */
final class IdleWorld {
  private static final int BACKLOG = 1_024;
  private static final int BATCH = 64;
  private static final int ROUNDS = 200;
  private static final int TRANSPORT_PARAM = 56;
  private static final int MAX_IDLE_OFFSET = 12;
  private static final int FIRST_PORT = 50_000;

  final Net server = new Net(Pair.SERVER, 1);
  final Net client = new Net(Pair.CLIENT, 2);
  long now = Sim.START;

  private final long idle;
  private final int ports;
  private final Sock listener;

  /**
   * @param idle timeout of both sides, nanoseconds
   * @param ports of the clients
   */
  IdleWorld(long idle, int ports) {
    this.idle = idle;
    this.ports = ports;
    server.peer = client;
    client.peer = server;
    listener = socket(server);
    must(listener.bind(now, Pair.SERVER.withPort(Pair.PORT)));
    must(listener.listen(now, BACKLOG));
  }

  private Sock socket(Net net) {
    Sock s = net.net.socket(QuicUapi.AF_INET);
    byte[] v = new byte[TRANSPORT_PARAM];
    long micros = idle / 1_000;
    for (int i = 0; i < Integer.BYTES; i++) {
      v[MAX_IDLE_OFFSET + i] = (byte) (micros >>> 8 * i);
    }
    must(s.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v));
    return s;
  }

  private static void must(int rc) {
    if (rc < 0) {
      throw new IllegalStateException(dev.quic.uapi.Errno.name(rc));
    }
  }

  /** Sets up the n-th connection and lets what follows the handshake happen. */
  void connect(int n) {
    Sock c = socket(client);
    must(c.bind(now, Pair.CLIENT.withPort(FIRST_PORT + n % ports)));
    must(c.connect(now, Pair.SERVER.withPort(Pair.PORT)));
    List<FakeTls> tls = new ArrayList<>();
    tls.add(new FakeTls(c, false, TlsScript.plain()));
    for (int round = 0; round < ROUNDS; round++) {
      for (Sock s = listener.accept(now); s != null; s = listener.accept(now)) {
        tls.add(new FakeTls(s, true, TlsScript.plain()));
      }
      for (FakeTls t : tls) {
        t.step(now);
      }
      turn();
      if (tls.size() == 2 && tls.stream().allMatch(FakeTls::done) && round > 20) {
        return;
      }
      now += Sim.MILLIS;
    }
    throw new IllegalStateException("no handshake: " + tls.getFirst().failure());
  }

  /** Runs both nets once. */
  void turn() {
    client.turn(now);
    server.turn(now);
  }

  /** Lets time pass with jumps to what is due next; how often a net had something due. */
  long pass(long span) {
    long end = now + span;
    long turns = 0;
    while (true) {
      long next = Math.min(server.deadline(), client.deadline());
      if (next > end) {
        now = end;
        return turns;
      }
      now = Math.max(now, next);
      turns++;
      turn();
    }
  }

  /** The programs close every socket. */
  void closeAll() {
    List<Sock> all = new ArrayList<>();
    server.net.forEachSock(all::add);
    client.net.forEachSock(all::add);
    all.forEach(s -> s.close(now));
    pass(Sim.MINUTES);
  }

  /** A net, its host and what is on its way to it. */
  static final class Net implements Host {
    final QuicNet net;
    private final SockAddr address;
    private final Entropy entropy;
    private final RxBatch batch = new RxBatch(1 << 17, BATCH);
    private final ArrayDeque<byte[]> inbox = new ArrayDeque<>();
    private final ArrayDeque<SockAddr[]> names = new ArrayDeque<>();
    private final Map<Integer, SockAddr> bound = new HashMap<>();
    private final Map<SockAddr, Integer> handles = new HashMap<>();
    private int nextHandle;
    private Net peer = this;

    Net(SockAddr address, long seed) {
      this.address = address;
      entropy = new SeededEntropy(seed);
      net = new QuicNet(NetConfig.single(), this);
    }

    int socks() {
      int[] n = {0};
      net.forEachSock(s -> n[0]++);
      return n[0];
    }

    long deadline() {
      return inbox.isEmpty() ? net.nextDeadline() : 0;
    }

    void turn(long now) {
      while (!inbox.isEmpty()) {
        int at = 0;
        while (!inbox.isEmpty() && batch.count < BATCH) {
          byte[] d = inbox.remove();
          SockAddr[] a = names.remove();
          Integer port = handles.get(a[1]);
          if (port == null) {
            continue;
          }
          System.arraycopy(d, 0, batch.slab, at, d.length);
          int i = batch.count++;
          batch.off[i] = at;
          batch.len[i] = d.length;
          batch.ecn[i] = 0;
          batch.local[i] = a[1];
          batch.remote[i] = a[0];
          batch.port[i] = port;
          at += d.length;
        }
        net.onDatagrams(now, batch);
        batch.count = 0;
      }
      if (net.nextDeadline() <= now) {
        net.onTimer(now);
      }
      net.endOfTurn(now);
    }

    @Override
    public int bindUdp(SockAddr local, boolean reusePort) {
      SockAddr at = address.withPort(local.port());
      bound.put(nextHandle, at);
      handles.put(at, nextHandle);
      return nextHandle++;
    }

    @Override
    public SockAddr udpAddress(int port) {
      SockAddr a = bound.get(port);
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
      handles.remove(bound.remove(port));
    }

    @Override
    public void transmit(TxBatch b) {
      SockAddr to = b.remote;
      for (int at = 0; to != null && at < b.len; at += b.segmentSize) {
        int end = Math.min(b.len, at + b.segmentSize);
        peer.inbox.add(java.util.Arrays.copyOfRange(b.slab, at, end));
        peer.names.add(new SockAddr[] {udpAddress(b.port), to});
      }
    }

    @Override
    public void wake(Sock sock, int mask) {
      // Programs look by themselves.
    }

    @Override
    public EventSink events() {
      return EventSink.NONE;
    }

    @Override
    public Entropy entropy() {
      return entropy;
    }
  }
}
