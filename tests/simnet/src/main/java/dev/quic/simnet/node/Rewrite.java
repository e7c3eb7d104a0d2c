package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;
import java.util.function.UnaryOperator;

/** Hands something else on in place of what comes. */
public final class Rewrite extends Node {
  private final UnaryOperator<Datagram> change;

  public Rewrite(UnaryOperator<Datagram> change) {
    this.change = change;
  }

  @Override
  public void accept(long now, Datagram d) {
    forward(now, change.apply(d));
  }
}
