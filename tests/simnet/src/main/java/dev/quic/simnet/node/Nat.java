package dev.quic.simnet.node;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Node;

/**
 * A network address translator with one host behind it: two nodes that share one mapping, which
 * changes from time to time (RFC 9000 section 9.3). What comes for a mapping still passes during
 * the next one, as translators do, unless this one is forgetful; after that it is lost.
 */
public final class Nat {
  private static final int FIRST_PORT = 20_000;

  private final SockAddr outside;
  private long period;
  private long start;
  private final boolean forgets;
  private final boolean moves;

  /** The address of the host when it last sent. */
  private SockAddr inside;

  private int mapping;

  /**
   * @param outside the translator's own address
   * @param start virtual time of the first mapping
   * @param period nanoseconds until the next one
   */
  public Nat(SockAddr outside, long start, long period) {
    this(outside, start, period, false, false);
  }

  /**
   * @param forgets whether what comes for the last mapping is lost at once
   * @param moves whether the address changes with every mapping, not the port alone
   */
  public Nat(SockAddr outside, long start, long period, boolean forgets, boolean moves) {
    this.outside = outside;
    this.inside = outside;
    this.start = start;
    this.period = period;
    this.forgets = forgets;
    this.moves = moves;
  }

  private SockAddr mapped(long now) {
    int n = (int) ((now - start) / period);
    SockAddr host = moves ? SockAddr.v4(outside.v4Bits() + n % 250, 0) : outside;
    return host.withPort(FIRST_PORT + n % 40_000);
  }

  /** From now on mappings change so often; the first of them began at {@code when}. */
  public void restart(long when, long every) {
    start = when;
    period = every;
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
        boolean last = !forgets && d.to.sameEndpoint(mapped(now - period));
        if (last || d.to.sameEndpoint(mapped(now))) {
          forward(now, new Datagram(d.bytes, d.from, inside, d.ecn));
        }
      }
    };
  }
}
