package dev.quic.sim;

import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.Filter;
import dev.quic.simnet.node.Rewrite;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** What the scenarios share: a pair, a filter in each direction, a usual client and server. */
final class Scenario {
  static final long SEED = 4711;

  /** UDP payload bytes that passed, by direction. */
  long bytesToServer;

  long bytesToClient;
  int datagramsToServer;
  int datagramsToClient;

  /** Decide what passes, after the counting of {@link #bytesToServer} was done. */
  Predicate<dev.quic.simnet.Datagram> toServer = d -> true;

  Predicate<dev.quic.simnet.Datagram> toClient = d -> true;

  /** Changes what passes to the client. */
  UnaryOperator<dev.quic.simnet.Datagram> rewriteToClient = UnaryOperator.identity();

  final Pair pair;

  Scenario(Network network) {
    this(network, List.of(), List.of());
  }

  /** With further nodes in each direction, next to the client. */
  Scenario(Network network, List<? extends Node> out, List<? extends Node> in) {
    SplittableRandom r = new SplittableRandom(SEED);
    List<Node> there = new ArrayList<>(out);
    there.add(
        new Filter(d -> {
          boolean pass = toServer.test(d);
          bytesToServer += pass ? d.length() : 0;
          datagramsToServer += pass ? 1 : 0;
          return pass;
        }));
    there.addAll(network.nodes(r));
    List<Node> back = new ArrayList<>();
    back.add(
        new Filter(d -> {
          // Counted before it may get lost: what the server sent.
          bytesToClient += d.length();
          datagramsToClient++;
          return toClient.test(d);
        }));
    back.add(new Rewrite(d -> rewriteToClient.apply(d)));
    back.addAll(network.nodes(r));
    back.addAll(in);
    pair = new Pair(SEED, there, back, null);
  }

  Sim sim() {
    return pair.sim();
  }

  void listen(TlsScript script, long idle, int streams, long bytes) {
    pair.listen(
        idle,
        s ->
            new Peer(
                s,
                new FakeTls(s, true, script),
                new Transfer(s, true, streams, bytes, bytes, SEED)));
  }

  Peer connect(TlsScript script, long idle, int streams, long bytes) {
    return pair.connect(
        idle,
        s ->
            new Peer(
                s,
                new FakeTls(s, false, script),
                new Transfer(s, false, streams, bytes, bytes, SEED)));
  }

  boolean finished(Peer client) {
    return client.done() && !pair.accepted().isEmpty() && pair.accepted().getFirst().done();
  }

  Peer server() {
    return pair.accepted().getFirst();
  }
}
