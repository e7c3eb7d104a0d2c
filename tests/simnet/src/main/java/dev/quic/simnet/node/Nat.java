package dev.quic.simnet.node;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;

/**
 * A network address translator with one host behind it: two nodes that share one mapping, which
 * changes from time to time (RFC 9000 section 9.3). What comes for a mapping still passes during
 * the next one, as translators do; after that it is lost.
 */
public final class Nat {
  private static final int FIRST_PORT = 20_000;

  private final SockAddr outside;
  private final long period;
  private final long start;

  /** The address of the host when it last sent. */
  private SockAddr inside;

  private int mapping;

  /**
   * @param outside the translator's own address
   * @param start virtual time of the first mapping
   * @param period nanoseconds until the next one
   */
  public Nat(SockAddr outside, long start, long period) {
    this.outside = outside;
    this.inside = outside;
    this.start = start;
    this.period = period;
  }

  private SockAddr mapped(long now) {
    return outside.withPort(FIRST_PORT + (int) ((now - start) / period) % 40_000);
  }

  /** Mappings used so far, less one. */
  public int rebinds() {
    return mapping;
  }

  /** Where the host's datagrams leave. */
  public Node outbound() {
    return new Node() {
      @Override
      public void accept(long now, Datagram d) {
        inside = d.from;
        mapping = (int) ((now - start) / period);
        forward(now, new Datagram(d.bytes, mapped(now), d.to, d.ecn));
      }
    };
  }

  /** Where its datagrams arrive. */
  public Node inbound() {
    return new Node() {
      @Override
      public void accept(long now, Datagram d) {
        if (d.to.sameEndpoint(mapped(now)) || d.to.sameEndpoint(mapped(now - period))) {
          forward(now, new Datagram(d.bytes, d.from, inside, d.ecn));
        }
      }
    };
  }
}
