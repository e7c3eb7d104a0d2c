package dev.quic.sim;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import java.util.ArrayList;
import java.util.List;

/** A network address translator whose mapping a test changes; old ones still pass inwards. */
final class Translator {
  private final List<SockAddr> outside = new ArrayList<>();
  private SockAddr inside;

  /** Whether what comes for an earlier mapping is lost. */
  boolean forgets;

  Translator(SockAddr first) {
    outside.add(first);
    inside = first;
  }

  /** The client is seen at this address from now on. */
  void rebind(SockAddr to) {
    outside.add(to);
  }

  SockAddr outside() {
    return outside.getLast();
  }

  Node outbound() {
    return new Node() {
      @Override
      public void accept(long now, Datagram d) {
        inside = d.from;
        forward(now, new Datagram(d.bytes, outside(), d.to, d.ecn));
      }
    };
  }

  Node inbound() {
    return new Node() {
      @Override
      public void accept(long now, Datagram d) {
        boolean known = outside.stream().anyMatch(d.to::sameEndpoint);
        if (forgets ? d.to.sameEndpoint(outside()) : known) {
          forward(now, new Datagram(d.bytes, d.from, inside, d.ecn));
        }
      }
    };
  }
}
