package dev.quic.simnet;

import dev.quic.dataplane.core.family.SockAddr;

/** A datagram on its way round the ring. Its bytes belong to the node that holds it. */
public final class Datagram {
  public final byte[] bytes;
  public final SockAddr from;
  public final SockAddr to;
  public final byte ecn;

  /** Endpoints passed that did not want it. */
  int strangers;

  public Datagram(byte[] bytes, SockAddr from, SockAddr to, byte ecn) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.ecn = ecn;
  }

  public int length() {
    return bytes.length;
  }

  Datagram copy() {
    return new Datagram(bytes.clone(), from, to, ecn);
  }
}
