package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.uapi.Errno;

/** One bound UDP socket, non-blocking. Confined to the thread that bound it. */
public interface UdpPort extends AutoCloseable {
  /** The address it is bound to, with the real port. */
  SockAddr local();

  PortFeatures features();

  /**
   * Appends what has arrived to the batch, until nothing is left or the batch cannot take another
   * run ({@link IoLimits#MAX_RUN_BYTES}, {@link IoLimits#MAX_RUN_SEGMENTS}).
   *
   * @param handle written into {@link RxBatch#port}
   * @return datagrams appended
   */
  int receive(RxBatch batch, int handle);

  /**
   * Sends a batch. What the socket buffer cannot take now is kept, up to {@link
   * IoLimits#TX_BACKLOG_BYTES}, and goes out by {@link #flush}.
   */
  void send(TxBatch batch);

  /** Whether bytes wait for {@link #flush}: poll for writability. */
  boolean wantsWrite();

  /** Sends what waits, as far as the socket takes it. */
  void flush();

  /** Lets ports of this process's other shards be bound to the same address. */
  default void letOthersJoin() {}

  /**
   * Has the system choose among the ports of an address by the shard in a datagram's connection id,
   * where it can: else by the addresses, and the shards pass on what is not theirs.
   *
   * @param first shard whose port was bound first; the others' were in the order of their indexes
   * @param count shards
   * @return 0, or a negated errno: EINVAL when others could not have joined it, ENOMEM, EOPNOTSUPP
   */
  default int steer(int first, int count) {
    return -Errno.EOPNOTSUPP;
  }

  /** Whether a wildcard port tells where each datagram was sent; else it says the wildcard. */
  boolean tellsDestination();

  /** Datagrams given up: full buffers, no route, too big. */
  long sendDrops();

  @Override
  void close();
}
