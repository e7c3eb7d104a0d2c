package dev.quic.sim;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.Blackhole;
import dev.quic.simnet.node.EcnMark;
import dev.quic.simnet.node.Nat;
import dev.quic.simnet.node.ShrinkingMtu;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Any network between good and hopeless, by seed: round trips from 0.1 ms to 30 s, up to 30 % loss,
 * reordering, duplication, corruption, slow links with small queues, blackholes, a rebinding
 * translator, congestion marks, interfaces with large MTUs, an MTU of the path that is small or
 * falls in the middle, in one direction or both.
 */
final class WildNetwork {
  private static final int MTU = 1_472;

  /** Of a large interface, with IP header, and what it leaves. */
  private static final int JUMBO = 9_000;

  private static final int LARGE = JUMBO - 28;
  private static final int LEAST_MTU = 1_200;
  private static final SockAddr OUTSIDE = SockAddr.v4(0xc6336401, 0);

  private final Network network;
  private final long holeOn;
  private final long holeOff;
  private final double marks;
  private final long rebinding;
  private final boolean shrinks;
  private final int shrunk;
  private final boolean large;
  private final int widest;
  private final long shrinksAt;

  /** Whether the MTU falls only to the server (1) or to the client (2). */
  private final int oneWay;

  WildNetwork(SplittableRandom r) {
    // One way, spread evenly over the orders of magnitude.
    long delay = (long) (50_000 * Math.pow(300_000, r.nextDouble()));
    long jitter = r.nextInt(3) == 0 ? r.nextLong(delay + 1) : 0;
    double loss = r.nextInt(4) == 0 ? 0 : r.nextDouble() * 0.3;
    int burst = r.nextInt(4) == 0 ? r.nextInt(2, 6) : 1;
    double duplicate = r.nextInt(3) == 0 ? r.nextDouble() * 0.2 : 0;
    double corrupt = r.nextInt(3) == 0 ? r.nextDouble() * 0.1 : 0;
    boolean limited = r.nextInt(2) == 0;
    long rate = limited ? (long) (64_000 * Math.pow(1_500, r.nextDouble())) : 0;
    int queue = limited ? r.nextInt(5_000, 200_000) : 0;
    int mtu = r.nextInt(4) == 0 ? r.nextInt(LEAST_MTU, MTU + 1) : MTU;
    shrinks = r.nextInt(3) == 0;
    int below = r.nextInt(LEAST_MTU, mtu + 1);
    // In the middle of many a transfer: after the handshake, before some tens of round trips.
    shrinksAt = Sim.START + 4 * delay + r.nextLong(40 * delay + 500 * Sim.MILLIS);
    oneWay = r.nextInt(3);
    boolean holes = r.nextInt(4) == 0;
    holeOn = holes ? r.nextLong(100 * Sim.MILLIS, 20 * Sim.SECONDS) + 8 * delay : 0;
    holeOff = holes ? r.nextLong(10 * Sim.MILLIS, 10 * Sim.SECONDS) : 0;
    marks = r.nextInt(3) == 0 ? r.nextDouble() * 0.2 : 0;
    rebinding = r.nextInt(5) == 0 ? r.nextLong(300 * Sim.MILLIS, 30 * Sim.SECONDS) + 8 * delay : 0;
    large = r.nextInt(5) == 0;
    // Behind a large interface as often another one as an Ethernet or less.
    int path = large && r.nextInt(2) == 0 ? r.nextInt(mtu, LARGE + 1) : mtu;
    widest = large ? LARGE : MTU;
    shrunk = large ? r.nextInt(LEAST_MTU, path + 1) : below;
    network = new Network(delay, jitter, loss, burst, duplicate, corrupt, rate, queue, path);
  }

  /** What the endpoints' system says of routes, with IP header; 0 for nothing. */
  int routeMtu() {
    return large ? JUMBO : 0;
  }

  /** Round-trip time without queues, ns. */
  long roundTrip() {
    return 2 * network.delay() + 2 * network.jitter();
  }

  boolean rebinds() {
    return rebinding > 0;
  }

  /** What a client's idle timeout should be, ns: long after the last of several probes. */
  long idleTimeout() {
    long most = 70 * Sim.MINUTES;
    return Math.min(most, 5 * Sim.MINUTES + 40 * roundTrip());
  }

  /** Adds the nodes of both directions. */
  void build(SplittableRandom r, List<Node> toServer, List<Node> toClient) {
    List<Node> back = new ArrayList<>();
    if (rebinding > 0) {
      Nat nat = new Nat(OUTSIDE, Sim.START, rebinding);
      toServer.add(nat.outbound());
      back.add(nat.inbound());
    }
    for (List<Node> way : List.of(toServer, toClient)) {
      if (holeOff > 0) {
        way.add(new Blackhole(Sim.START, holeOn, holeOff));
      }
      if (shrinks && (oneWay == 0 || oneWay == 1 == (way == toServer))) {
        way.add(new ShrinkingMtu(widest, shrunk, shrinksAt));
      }
      way.addAll(network.nodes(r.split()));
      way.add(new EcnMark(marks, r.split()));
    }
    toClient.addAll(back);
  }

  @Override
  public String toString() {
    return String.format(
            Locale.ROOT,
            "%s; holes of %.0f ms every %.0f ms; marks %.1f %%; rebinds every %.0f ms; %s",
            network,
            holeOff / 1e6,
            (holeOn + holeOff) / 1e6,
            marks * 100,
            rebinding / 1e6,
            shrinks
                ? "mtu %d from %.0f ms on (%d)"
                    .formatted(shrunk, (shrinksAt - Sim.START) / 1e6, oneWay)
                : "mtu stays")
        + (large ? ", large interfaces" : "");
  }
}
