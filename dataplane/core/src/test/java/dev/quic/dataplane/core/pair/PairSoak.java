package dev.quic.dataplane.core.pair;

import java.util.Arrays;
import java.util.Random;

/**
 * Many seeds of a transfer both ways over a bad network; a program, not a test. Arguments: first
 * seed, number of seeds.
 */
final class PairSoak {
  private PairSoak() {}

  public static void main(String[] args) {
    long first = args.length > 0 ? Long.parseLong(args[0]) : 1;
    long n = args.length > 1 ? Long.parseLong(args[1]) : 100;
    int bad = 0;
    for (long seed = first; seed < first + n; seed++) {
      String r;
      try {
        r = one(seed);
      } catch (RuntimeException e) {
        System.out.println(e);
        r = e.toString();
      }
      if (!r.isEmpty()) {
        bad++;
        System.out.println("seed " + seed + ": " + r);
      }
    }
    System.out.println(n + " seeds, " + bad + " bad");
  }

  static String one(long seed) {
    World w = new World(seed);
    if (Boolean.getBoolean("trace")) {
      w.client.sink = new PrintSink("client");
      w.server.sink = new PrintSink("       server");
    }
    Random r = new Random(seed);
    w.loss = r.nextDouble() * 0.2;
    w.reorder = r.nextDouble() * 0.2;
    w.duplicate = r.nextDouble() * 0.1;
    double corrupt = r.nextDouble() * 0.1;
    w.wire =
        (from, to, bytes) -> {
          if (r.nextDouble() < corrupt) {
            bytes[r.nextInt(bytes.length)] ^= (byte) (1 << r.nextInt(8));
          }
          return bytes;
        };
    long start = w.now;
    PairTest.Ends e = PairTest.connect(w);
    if (!w.run(600_000_000_000L, e::established)) {
      return "not established: client " + e.client.sock.state() + " error " + e.client.sock.error();
    }
    Peer server = e.needServer();
    byte[] up = new byte[1 << 20];
    byte[] down = new byte[1 << 20];
    r.nextBytes(up);
    r.nextBytes(down);
    e.client.send(0, up);
    server.send(1, down);
    boolean ok = w.run(600_000_000_000L, () -> server.finished(0) && e.client.finished(1));
    if (!ok) {
      return "stuck at "
          + (w.now - start) / 1_000_000
          + " ms: up "
          + server.bytes(0).length
          + " down "
          + e.client.bytes(1).length
          + " states "
          + e.client.sock.state()
          + "/"
          + server.sock.state()
          + " errors "
          + e.client.sock.error()
          + "/"
          + server.sock.error();
    }
    boolean same = Arrays.equals(up, server.bytes(0)) && Arrays.equals(down, e.client.bytes(1));
    return same ? "" : "bytes differ";
  }
}
