package dev.quic.simnet;

import dev.quic.dataplane.core.connid.ShardCodec;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.NetConfig;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.core.socket.Watcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A {@link QuicNet} with the programs that use it, as a node of the ring. */
public final class Endpoint extends Node {
  /** A datagram for nobody has gone round the ring by then. */
  private static final int STRANGERS = 8;

  private static final int BATCH = 64;
  private static final int WAKE_ROUNDS = 1_000;

  private final String name;
  private final SimHost host;
  private final CountedKeys keys = new CountedKeys();
  private final QuicNet net;
  private final RxBatch batch = new RxBatch(1 << 17, BATCH);
  private final ArrayDeque<Datagram> inbox = new ArrayDeque<>();
  private final List<Program> programs = new ArrayList<>();
  private boolean kicked;
  private long now = Sim.START;
  private long receivedBytes;
  private long receivedDatagrams;

  /**
   * @param address with port 0
   * @param seed of its randomness
   */
  public Endpoint(String name, SockAddr address, EventSink events, long seed) {
    this.name = name;
    host = new SimHost(address, events, new SeededEntropy(seed));
    net = new QuicNet(new NetConfig(0, 1, ShardCodec.CODEC, keys), host);
  }

  public QuicNet net() {
    return net;
  }

  /** Gives the endpoint another address. */
  public void alias(SockAddr address) {
    host.alias(address);
  }

  /**
   * The endpoint's interface carries no more than this from now on, and says so.
   *
   * @param bytes of UDP payload
   */
  public void interfaceMtu(int bytes) {
    host.interfaceMtu(bytes);
  }

  /**
   * What the endpoint's system says of every route from now on, true or not.
   *
   * @param bytes with IP header; 0 for nothing
   */
  public void routeMtu(int bytes) {
    host.routeMtu(bytes);
  }

  /** A new socket with a program behind it. */
  public Sock socket(int family, Program program) {
    Sock s = net.socket(family);
    attach(s, program);
    return s;
  }

  /** Puts a program behind a socket; it is called for the first time at once. */
  public void attach(Sock sock, Program program) {
    Watcher w = (s, mask) -> program.ready(now, s, mask);
    sock.watch(w);
    if (!programs.contains(program)) {
      programs.add(program);
    }
    host.wake(sock, 0);
  }

  /** Something was done to a socket from outside: take a turn. */
  public void kick() {
    kicked = true;
  }

  /** UDP payload bytes handed to the ring. */
  public long sentBytes() {
    return host.sentBytes();
  }

  /** Send batches handed to the ring. */
  public long sentBatches() {
    return host.batches();
  }

  /** UDP payload bytes that arrived. */
  public long receivedBytes() {
    return receivedBytes;
  }

  public long receivedDatagrams() {
    return receivedDatagrams;
  }

  /** AEAD keys that are not wiped yet. */
  public int keys() {
    return keys.alive();
  }

  /** UDP ports in use. */
  public int boundPorts() {
    return host.boundPorts();
  }

  /** Live sockets of the net. */
  public int socks() {
    int[] n = {0};
    net.forEachSock(s -> n[0]++);
    return n[0];
  }

  @Override
  public void accept(long at, Datagram d) {
    if (host.owns(d.to)) {
      if (host.portFor(d.to) >= 0) {
        inbox.add(d);
      }
    } else if (++d.strangers < STRANGERS) {
      forward(at, d);
    }
  }

  @Override
  public long deadline() {
    if (kicked || !inbox.isEmpty() || host.hasWakes()) {
      return now;
    }
    long earliest = net.nextDeadline();
    for (Program p : programs) {
      earliest = Math.min(earliest, p.deadline());
    }
    return earliest;
  }

  @Override
  public void run(long at) {
    now = at;
    kicked = false;
    while (!inbox.isEmpty()) {
      fill();
      net.onDatagrams(now, batch);
      batch.count = 0;
    }
    if (net.nextDeadline() <= now) {
      net.onTimer(now);
    }
    net.endOfTurn(now);
    for (int i = 0; i < programs.size(); i++) {
      if (programs.get(i).deadline() <= now) {
        programs.get(i).onTimer(now);
      }
    }
    net.endOfTurn(now);
    wakes();
    for (Datagram d : host.takeOutbox()) {
      forward(now, d);
    }
  }

  private void wakes() {
    for (int round = 0; host.hasWakes(); round++) {
      if (round == WAKE_ROUNDS) {
        throw new IllegalStateException(name + ": programs and core wake each other for ever");
      }
      for (Map.Entry<Sock, Integer> e : host.takeWakes().entrySet()) {
        Watcher w = e.getKey().watcher();
        if (w != null) {
          w.ready(e.getKey(), e.getValue());
        }
      }
      net.endOfTurn(now);
    }
  }

  private void fill() {
    int at = 0;
    while (!inbox.isEmpty()
        && batch.count < BATCH
        && batch.slab.length - at >= inbox.peek().length()) {
      Datagram d = inbox.remove();
      int port = host.portFor(d.to);
      if (port < 0) {
        continue; // Unbound since it came in.
      }
      System.arraycopy(d.bytes, 0, batch.slab, at, d.length());
      int i = batch.count++;
      batch.off[i] = at;
      batch.len[i] = d.length();
      batch.ecn[i] = d.ecn;
      batch.local[i] = d.to;
      batch.remote[i] = d.from;
      batch.port[i] = port;
      at += d.length();
      receivedBytes += d.length();
      receivedDatagrams++;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
