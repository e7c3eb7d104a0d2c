package dev.quic.simnet.node;

import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;

/** A path whose MTU changes once in the middle; what is too big is swallowed without a word. */
public final class ShrinkingMtu extends Node {
  private final int before;
  private final int after;
  private final long at;

  /**
   * @param before largest UDP payload that passes at first, bytes
   * @param after and from {@code at} on
   * @param at virtual time of the change
   */
  public ShrinkingMtu(int before, int after, long at) {
    this.before = before;
    this.after = after;
    this.at = at;
  }

  @Override
  public void accept(long now, Datagram d) {
    if (d.length() <= (now < at ? before : after)) {
      forward(now, d);
    }
  }
}
