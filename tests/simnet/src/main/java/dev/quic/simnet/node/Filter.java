package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import java.util.function.Predicate;

/** Passes what a test lets pass; also a place to look at the traffic. */
public final class Filter extends Node {
  private final Predicate<Datagram> pass;

  public Filter(Predicate<Datagram> pass) {
    this.pass = pass;
  }

  @Override
  public void accept(long now, Datagram d) {
    if (pass.test(d)) {
      forward(now, d);
    }
  }
}
