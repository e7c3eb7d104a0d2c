package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/**
 * One send: datagrams of one size (the last may be shorter), one path, one ECN mark, back to back
 * in one slab. At most 64 KiB and 64 segments, which is what UDP_SEGMENT takes. Owned and reused by
 * the core; the host must have taken the bytes when {@link Host#transmit} returns.
 */
public final class TxBatch {
  public static final int MAX_BYTES = 65_000;
  public static final int MAX_SEGMENTS = 64;

  public final byte[] slab = new byte[65_536];

  /**
   * Address of the bytes where they are outside the heap already ({@link
   * dev.quic.dataplane.core.crypto.WireAead}); 0 where they are in {@link #slab}.
   */
  public long wire;

  /** Bytes in use from 0. */
  public int len;

  /** Size of every datagram but perhaps the last. */
  public int segmentSize;

  public int port;
  public @Nullable SockAddr local;
  public @Nullable SockAddr remote;

  /** ECN field of the IP header, 0 to 3. */
  public byte ecn;

  /** Set by the host when it could not send some of it because datagrams are too big (EMSGSIZE). */
  public boolean tooBig;

  /** Number of datagrams. */
  public int segments() {
    return segmentSize == 0 ? 0 : (len + segmentSize - 1) / segmentSize;
  }
}
