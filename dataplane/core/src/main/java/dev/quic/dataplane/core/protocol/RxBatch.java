package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.family.SockAddr;

/**
 * Datagrams received in one turn, in one slab. Filled by the shell, read (and decrypted in place)
 * by {@link QuicNet#onDatagrams}; the bytes are the shell's again when that returns.
 */
public final class RxBatch {
  public final byte[] slab;
  public final int[] off;
  public final int[] len;

  /** ECN field of each datagram: 0 not-ECT, 1 ECT(1), 2 ECT(0), 3 CE. */
  public final byte[] ecn;

  /** Destination and source of each datagram; equal neighbours are the same object. */
  public final SockAddr[] local;

  public final SockAddr[] remote;

  /** The port ({@link Host#bindUdp}) each datagram came in by. */
  public final int[] port;

  public int count;

  public RxBatch(int slabBytes, int datagrams) {
    slab = new byte[slabBytes];
    off = new int[datagrams];
    len = new int[datagrams];
    ecn = new byte[datagrams];
    local = new SockAddr[datagrams];
    remote = new SockAddr[datagrams];
    port = new int[datagrams];
  }
}
