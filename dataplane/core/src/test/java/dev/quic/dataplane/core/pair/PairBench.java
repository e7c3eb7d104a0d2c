package dev.quic.dataplane.core.pair;

import dev.quic.dataplane.core.connid.ShardCodec;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.Entropy;
import dev.quic.dataplane.core.protocol.Host;
import dev.quic.dataplane.core.protocol.NetConfig;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Bulk transfer between two nets in one thread, with no network between them: what the protocol and
 * its AEAD cost per packet, both ends together. A program, not a test. Arguments: MiB, rounds,
 * cipher number, largest datagram.
 */
final class PairBench {
  private static final SockAddr CLIENT = SockAddr.v4(0x7f000001, 50_000);
  private static final SockAddr SERVER = SockAddr.v4(0x7f000001, 4433);

  static final class End implements Host, Entropy {
    final QuicNet net;
    final Random random;
    final SockAddr address;
    final ArrayDeque<RxBatch> queue = new ArrayDeque<>();
    final ArrayDeque<RxBatch> free = new ArrayDeque<>();
    @Nullable End peer;
    long packets;
    long bytes;
    long batches;

    End(SockAddr address, long seed, int datagram) {
      this.address = address;
      random = new Random(seed);
      net = new QuicNet(new NetConfig(0, 1, datagram, ShardCodec.CODEC, AeadProvider.JDK), this);
    }

    @Override
    public int bindUdp(SockAddr local, boolean reusePort) {
      return 0;
    }

    @Override
    public SockAddr udpAddress(int port) {
      return address;
    }

    @Override
    public SockAddr routeSource(SockAddr remote) {
      return address.withPort(0);
    }

    @Override
    public void unbindUdp(int port) {}

    @Override
    public void transmit(TxBatch b) {
      End to = peer;
      if (to == null) {
        return;
      }
      RxBatch r = to.free.isEmpty() ? new RxBatch(65_536, 64) : to.free.poll();
      System.arraycopy(b.slab, 0, r.slab, 0, b.len);
      r.count = 0;
      for (int off = 0; off < b.len; off += b.segmentSize) {
        int i = r.count++;
        r.off[i] = off;
        r.len[i] = Math.min(b.segmentSize, b.len - off);
        r.local[i] = to.address;
        r.remote[i] = address;
      }
      batches++;
      packets += r.count;
      bytes += b.len;
      to.queue.add(r);
    }

    @Override
    public void wake(Sock sock, int mask) {}

    @Override
    public EventSink events() {
      return EventSink.NONE;
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

    void turn(long now) {
      RxBatch r;
      while ((r = queue.poll()) != null) {
        net.onDatagrams(now, r);
        free.add(r);
      }
      if (net.nextDeadline() <= now) {
        net.onTimer(now);
      }
      net.endOfTurn(now);
    }
  }

  private PairBench() {}

  public static void main(String[] args) {
    long mib = args.length > 0 ? Long.parseLong(args[0]) : 1_024;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    int cipher = args.length > 2 ? Integer.parseInt(args[2]) : QuicUapi.TLS_CIPHER_AES_GCM_128;
    int datagram = args.length > 3 ? Integer.parseInt(args[3]) : 1_452;
    for (int i = 0; i < rounds; i++) {
      round(mib << 20, cipher, datagram);
    }
  }

  private static void window(Sock s, long now, long bytes) {
    byte[] v = new byte[56];
    for (int at : new int[] {24, 32, 40, 48}) {
      long n = at == 24 ? 2 * bytes : bytes;
      for (int i = 0; i < 8; i++) {
        v[at + i] = (byte) (n >>> 8 * i);
      }
    }
    int r = s.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v);
    if (r != 0) {
      throw new IllegalStateException("TRANSPORT_PARAM: " + r);
    }
  }

  private static void round(long total, int cipher, int datagram) {
    End a = new End(CLIENT, 1, datagram);
    End b = new End(SERVER, 2, datagram);
    a.peer = b;
    b.peer = a;
    long now = System.nanoTime();
    Sock listener = b.net.socket(QuicUapi.AF_INET);
    window(listener, now, 8 << 20);
    listener.bind(now, SERVER);
    listener.listen(now, 4);
    Sock client = a.net.socket(QuicUapi.AF_INET);
    window(client, now, 8 << 20);
    client.connect(now, SERVER);
    FakeTls ct = new FakeTls(client, false);
    ct.cipher = cipher;
    ct.start(now);
    Sock server = null;
    FakeTls st = null;
    while (st == null || !st.done || !ct.done) {
      now = System.nanoTime();
      a.turn(now);
      b.turn(now);
      ct.step(now);
      if (server == null && (server = listener.accept(now)) != null) {
        st = new FakeTls(server, true);
        st.cipher = cipher;
      }
      if (st != null) {
        st.step(now);
      }
    }
    transfer(a, b, client, server == null ? client : server, total);
  }

  private static void transfer(End a, End b, Sock from, Sock to, long total) {
    byte[] chunk = new byte[65_536];
    byte[] sink = new byte[65_536];
    Msg msg = new Msg();
    com.sun.management.ThreadMXBean mx =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = mx.getCurrentThreadAllocatedBytes();
    long packets = a.packets;
    long acks = b.packets;
    long batches = a.batches;
    long start = mx.getCurrentThreadCpuTime();
    long sent = 0;
    long got = 0;
    while (got < total) {
      long now = System.nanoTime();
      int n;
      while (sent < total) {
        msg.reset().stream(0, sent == 0 ? QuicUapi.MSG_QUIC_STREAM_NEW : 0);
        n = from.sendmsg(now, msg, chunk, 0, (int) Math.min(chunk.length, total - sent));
        if (n <= 0) {
          break;
        }
        sent += n;
      }
      a.turn(now);
      b.turn(now);
      msg.reset();
      while ((n = to.recvmsg(now, msg, sink, 0, sink.length)) > 0) {
        got += n;
        msg.reset();
      }
    }
    double ns = mx.getCurrentThreadCpuTime() - start;
    packets = a.packets - packets;
    System.out.printf(
        "%.2f Gbit/s of CPU time in one thread, %d packets, %.0f ns a packet, %d acks, %.1f packets a batch,"
            + " %d bytes allocated a packet%n",
        total * 8 / ns,
        packets,
        ns / packets,
        b.packets - acks,
        (double) packets / (a.batches - batches),
        (mx.getCurrentThreadAllocatedBytes() - allocated) / packets);
  }
}
